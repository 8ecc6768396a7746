#include "crypto/keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys.h"

struct place {
	char dir[32], path[48], fresh[56];
};

static int open_place(void **state)
{
	struct place *p = *state = test_calloc(1, sizeof(*p));

	strcpy(p->dir, "/tmp/keyring.XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	snprintf(p->path, sizeof(p->path), "%s/keys", p->dir);
	snprintf(p->fresh, sizeof(p->fresh), "%s.new", p->path);
	return 0;
}

static int close_place(void **state)
{
	struct place *p = *state;

	unlink(p->path);
	unlink(p->fresh);
	rmdir(p->dir);
	test_free(p);
	return 0;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void new_file_is_private_and_complete(void **state)
{
	struct place *p = *state;
	struct keyring *k;

	assert_int_equal(keyring_create(p->path, 0), ERR_OK);
	assert_int_equal(mode_of(p->path), 0600);
	assert_int_equal(keyring_load(p->path, &k), ERR_OK);
	for (enum key_purpose u = 0; u < KEY_PURPOSES; u++) {
		assert_int_equal(keyring_current(k, u)->id, 1);
		for (enum key_purpose v = 0; v < u; v++)
			assert_memory_not_equal(keyring_current(k, u)->bytes,
				keyring_current(k, v)->bytes, KEY_BYTES);
	}
	keyring_free(&k);
	assert_null(k);
}

static void existing_file_is_not_overwritten(void **state)
{
	struct place *p = *state;
	struct keyring *one, *two;

	assert_int_equal(keyring_create(p->path, 0), ERR_OK);
	assert_int_equal(keyring_load(p->path, &one), ERR_OK);
	assert_int_equal(keyring_create(p->path, 0), ERR_CONFLICT);
	assert_int_equal(keyring_load(p->path, &two), ERR_OK);
	assert_memory_equal(keyring_current(one, KEY_SEAL)->bytes,
		keyring_current(two, KEY_SEAL)->bytes, KEY_BYTES);
	keyring_free(&one);
	keyring_free(&two);
}

static void file_that_others_may_read_is_refused(void **state)
{
	struct place *p = *state;
	struct keyring *k = NULL;

	assert_int_equal(keyring_load(p->path, &k), ERR_NOT_FOUND);
	assert_int_equal(keyring_create(p->path, 0), ERR_OK);
	assert_int_equal(chmod(p->path, 0644), 0);
	assert_int_equal(keyring_load(p->path, &k), ERR_FORBIDDEN);
	assert_null(k);
	assert_int_equal(chmod(p->path, 0640), 0);
	assert_int_equal(keyring_load(p->path, &k), ERR_OK);
	keyring_free(&k);
}

static void rotation_keeps_the_four_newest_and_the_mode(void **state)
{
	struct place *p = *state;
	struct keyring *before, *after;

	assert_int_equal(keyring_create(p->path, 0), ERR_OK);
	assert_int_equal(chmod(p->path, 0640), 0);
	assert_int_equal(keyring_rotate(p->path, KEY_JWT, 0), ERR_OK);
	assert_int_equal(keyring_load(p->path, &before), ERR_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(keyring_rotate(p->path, KEY_JWT, 0), ERR_OK);
	assert_int_equal(keyring_load(p->path, &after), ERR_OK);
	assert_int_equal(keyring_current(after, KEY_JWT)->id, 5);
	assert_int_equal(keyring_current(after, KEY_SEAL)->id, 1);
	assert_null(keyring_find(after, KEY_JWT, 1));
	assert_null(keyring_at(after, KEY_JWT, KEYS_KEPT));
	assert_memory_equal(keyring_find(after, KEY_JWT, 2)->bytes,
		keyring_current(before, KEY_JWT)->bytes, KEY_BYTES);
	assert_int_equal(mode_of(p->path), 0640);
	keyring_free(&before);
	keyring_free(&after);
}

static void rotation_waits_for_nobody(void **state)
{
	struct place *p = *state;

	assert_int_equal(keyring_create(p->path, 0), ERR_OK);
	assert_int_equal(keyring_create(p->fresh, 0), ERR_OK);
	assert_int_equal(keyring_rotate(p->path, KEY_JWT, 0), ERR_CONFLICT);
}

static void a_byte_order_mark_is_dropped(void **state)
{
	struct place *p = *state;
	struct keyring *k;
	FILE *f = fopen(p->path, "w");

	fputs("\xEF\xBB\xBF"
	      "jwt 7 " KEY_00 "\r\n" KEYS_OLD,
		f);
	fclose(f);
	assert_int_equal(chmod(p->path, 0600), 0);
	assert_int_equal(keyring_load(p->path, &k), ERR_OK);
	assert_int_equal(keyring_current(k, KEY_JWT)->id, 7);
	keyring_free(&k);
}

static void ids_in_use_elsewhere_are_not_taken(void **state)
{
	struct place *p = *state;
	struct keyring *k;

	assert_int_equal(keyring_create(p->path, KEY_ID_MAX), ERR_LIMIT);
	assert_int_equal(keyring_create(p->path, 41), ERR_OK);
	assert_int_equal(keyring_rotate(p->path, KEY_SEAL, 99), ERR_OK);
	assert_int_equal(keyring_load(p->path, &k), ERR_OK);
	assert_int_equal(keyring_current(k, KEY_JWT)->id, 42);
	assert_int_equal(keyring_current(k, KEY_SEAL)->id, 100);
	keyring_free(&k);
}

static void newest_key_comes_first_in_whatever_order_they_stand(void **state)
{
	struct keyring *k = keys_from("jwt 7 " KEY_00 "\r\n\n# comment\n\tjwt\t9  " KEY_AA
				      " \njwt 8 " KEY_00 "\n" KEYS_OLD);

	(void)state;
	assert_int_equal(keyring_current(k, KEY_JWT)->id, 9);
	assert_int_equal(keyring_at(k, KEY_JWT, 1)->id, 8);
	assert_int_equal(keyring_at(k, KEY_JWT, 2)->id, 7);
	assert_int_equal(keyring_at(k, KEY_JWT, 3)->id, 1);
	keyring_free(&k);
}

static void wrong_lines_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"jwt 1 " KEY_00 "\n",
		KEYS_OLD "mystery 1 " KEY_00,
		KEYS_OLD "jwt 0 " KEY_00,
		KEYS_OLD "jwt 65536 " KEY_00,
		KEYS_OLD "jwt -1 " KEY_00,
		KEYS_OLD "jwt 1 " KEY_AA,
		KEYS_OLD "jwt 2 " KEY_AA "aa",
		KEYS_OLD "jwt 2 " KEY_AA " " KEY_AA,
		KEYS_OLD "jwt 2 abc",
		KEYS_OLD "jwt 2",
		KEYS_OLD "jwt",
	};
	struct keyring *k = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(keyring_parse("test", str_from(bad[i]), &k), ERR_INVALID);
	assert_int_equal(keyring_parse("test", STR(KEYS_OLD "\0"), &k), ERR_INVALID);
	assert_null(k);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_place, close_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(new_file_is_private_and_complete),
		TEST(existing_file_is_not_overwritten),
		TEST(file_that_others_may_read_is_refused),
		TEST(rotation_keeps_the_four_newest_and_the_mode),
		TEST(rotation_waits_for_nobody),
		TEST(a_byte_order_mark_is_dropped),
		TEST(ids_in_use_elsewhere_are_not_taken),
		cmocka_unit_test(newest_key_comes_first_in_whatever_order_they_stand),
		cmocka_unit_test(wrong_lines_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
