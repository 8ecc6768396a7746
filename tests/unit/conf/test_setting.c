#include "conf/setting.h"

#include "../unit.h"
#include "conf/settings.h"

static const char *const colours[] = { "red", "green", NULL };

struct sample {
	const char *text, *path, *list;
	int64_t number, mode;
	bool flag;
	unsigned set;
	struct {
		int64_t day;
		unsigned choice;
	} part;
};

static const struct setting text_row =
	SETTING_TEXT(sample, text, .min = 2, .max = 8, .flags = SETTING_REQUIRED);
static const struct setting path_row = SETTING_PATH(sample, path);
static const struct setting list_row = SETTING_LIST(sample, list, .one_of = colours);
static const struct setting number_row = SETTING_INT(sample, number, .min = 5, .max = 500);
static const struct setting mode_row = SETTING_MODE(sample, mode);
static const struct setting flag_row = SETTING_BOOL(sample, flag);

static const struct setting set_row = SETTING_SET(sample, set, .one_of = colours);
static const struct setting choice_row = SETTING_CHOICE_IN(sample, part, choice, .one_of = colours);
static const struct setting date_row = SETTING_DATE_IN(sample, part, day);

struct context {
	struct arena *arena;
	struct sample object;
};

static int open_context(void **state)
{
	struct context *c = *state = test_calloc(1, sizeof(*c));

	c->arena = arena_new(1024);
	return 0;
}

static int close_context(void **state)
{
	struct context *c = *state;

	arena_free(&c->arena);
	test_free(c);
	return 0;
}

static bool reads(void **state, const struct setting *row, const char *text)
{
	struct context *c = *state;

	return setting_read(row, str_from(text), c->arena, &c->object);
}

static void numbers_keep_their_bounds(void **state)
{
	struct context *c = *state;

	assert_true(reads(state, &number_row, "5"));
	assert_true(reads(state, &number_row, "500"));
	assert_int_equal(c->object.number, 500);
	assert_false(reads(state, &number_row, "4"));
	assert_false(reads(state, &number_row, "501"));
	assert_false(reads(state, &number_row, "-5"));
	assert_false(reads(state, &number_row, "5x"));
	assert_false(reads(state, &number_row, ""));
	assert_false(reads(state, &number_row, "99999999999999999999999"));
	assert_int_equal(c->object.number, 500);
}

static void texts_keep_their_bounds(void **state)
{
	assert_true(reads(state, &text_row, "ab"));
	assert_true(reads(state, &text_row, "abcdefgh"));
	assert_false(reads(state, &text_row, "a"));
	assert_false(reads(state, &text_row, "abcdefghi"));
	assert_false(reads(state, &text_row, ""));
	assert_false(reads(state, &text_row, "ab\x01"));
	assert_true(reads(state, &path_row, ""));
	assert_true(reads(state, &path_row, "/run/x"));
	assert_false(reads(state, &path_row, "run/x"));
}

static void modes_are_octal(void **state)
{
	struct context *c = *state;
	struct buf out;

	assert_true(reads(state, &mode_row, "0660"));
	assert_int_equal(c->object.mode, 0660);
	assert_false(reads(state, &mode_row, "0668"));
	assert_false(reads(state, &mode_row, "7777"));
	assert_false(reads(state, &mode_row, "66"));
	buf_init(&out, 64);
	setting_write(&mode_row, &c->object, &out);
	assert_str_equal(buf_str(&out), "0660");
	buf_finish(&out);
}

static void lists_are_words_of_the_row(void **state)
{
	struct context *c = *state;

	assert_true(reads(state, &list_row, " red ,green"));
	assert_string_equal(c->object.list, "red,green");
	assert_true(str_list_has(c->object.list, STR("green")));
	assert_false(str_list_has(c->object.list, STR("gree")));
	assert_false(reads(state, &list_row, "red,blue"));
	assert_false(reads(state, &list_row, "red,,green"));
	assert_true(reads(state, &list_row, ""));
	assert_string_equal(c->object.list, "");
}

static void booleans_are_words_people_write(void **state)
{
	struct context *c = *state;

	assert_true(reads(state, &flag_row, "yes"));
	assert_true(c->object.flag);
	assert_true(reads(state, &flag_row, "off"));
	assert_false(c->object.flag);
	assert_false(reads(state, &flag_row, "maybe"));
}

static void assert_written(void **state, const struct setting *row, const char *text)
{
	struct context *c = *state;
	struct buf out;

	buf_init(&out, 64);
	setting_write(row, &c->object, &out);
	assert_str_equal(buf_str(&out), text);
	buf_finish(&out);
}

static void sets_are_bits_of_the_words_of_the_row(void **state)
{
	struct context *c = *state;

	assert_true(reads(state, &set_row, "green , red"));
	assert_int_equal(c->object.set, 3);
	assert_written(state, &set_row, "red,green");
	assert_true(reads(state, &set_row, "green"));
	assert_int_equal(c->object.set, 2);
	assert_written(state, &set_row, "green");
	assert_false(reads(state, &set_row, "green,blue"));
	assert_false(reads(state, &set_row, "red,,green"));
	assert_int_equal(c->object.set, 2);
	assert_true(reads(state, &set_row, ""));
	assert_int_equal(c->object.set, 0);
}

static void a_choice_is_the_place_of_a_word_of_the_row(void **state)
{
	struct context *c = *state;

	assert_true(reads(state, &choice_row, "green"));
	assert_int_equal(c->object.part.choice, 1);
	assert_written(state, &choice_row, "green");
	assert_false(reads(state, &choice_row, "blue"));
	assert_false(reads(state, &choice_row, ""));
	assert_false(reads(state, &choice_row, "red,green"));
	assert_int_equal(c->object.part.choice, 1);
}

static void dates_are_days_in_utc(void **state)
{
	static const char *const bad[] = { "", "2026-02-30", "2026-6-1", "tomorrow",
		"2026-06-01 00:00:00", "2026-06-0x" };
	struct context *c = *state;

	assert_string_equal(date_row.name, "day");
	assert_true(reads(state, &date_row, "2026-06-01"));
	assert_int_equal(c->object.part.day, INT64_C(1780272000) * 1000000);
	assert_written(state, &date_row, "2026-06-01");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(reads(state, &date_row, bad[i]));
}

static void values_are_copied_and_compared_by_their_type(void **state)
{
	static const struct setting *const rows[] = { &text_row, &number_row, &flag_row, &set_row,
		&date_row };
	static const char *const values[] = { "abc", "7", "true", "green", "2027-12-31" };
	struct context *c = *state;
	struct sample copy = { .text = "" };

	c->object.text = "";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(reads(state, rows[i], values[i]));
		assert_false(setting_is_equal(rows[i], &c->object, &copy));
		setting_copy(rows[i], c->arena, &copy, &c->object);
		assert_true(setting_is_equal(rows[i], &c->object, &copy));
	}
}

static bool accepts(
	void **state, const struct settings_table *table, const char *name, const char *text)
{
	struct context *c = *state;
	void *object = arena_alloc(c->arena, table->size);

	SETTING_FOR_EACH(row, table)
	if (strcmp(row->name, name) == 0)
		return setting_read(row, str_from(text), c->arena, object);
	fail_msg("no setting %s", name);
	return false;
}

static void addresses_are_checked(void **state)
{
	static const char *const good[] = { "unix:/run/redis.sock", "unix:/run/redis.sock?db=3",
		"redis://127.0.0.1:6379/0", "redis://:p@ss:word@redis.example.org:6379",
		"redis://[::1]:6379/2", "redis+sentinel://:pass@one:26379,two/mymaster/0", NULL };
	static const char *const bad[] = { "", "127.0.0.1", "unix:redis.sock", "unix:/a?db=x",
		"redis://", "redis://host:0/0", "redis://host:70000", "redis://host/x",
		"http://host", NULL };

	for (size_t i = 0; good[i]; i++)
		assert_true(accepts(state, &common_table, "redis", good[i]));
	for (size_t i = 0; bad[i]; i++)
		assert_false(accepts(state, &common_table, "redis", bad[i]));
	assert_true(accepts(state, &relay_table, "listen", "[::1]:9001"));
	assert_true(accepts(state, &relay_table, "listen", "unix:/run/relay.sock"));
	assert_false(accepts(state, &relay_table, "listen", "9001"));
	assert_false(accepts(state, &relay_table, "listen", "127.0.0.1"));
}

static void urls_origins_ids_and_expressions_are_checked(void **state)
{
	assert_true(accepts(state, &api_table, "public_url", "https://sip.example.org:8443/x"));
	assert_false(accepts(state, &api_table, "public_url", "https://sip.example.org/"));
	assert_false(accepts(state, &api_table, "public_url", "http://sip.example.org"));
	assert_false(accepts(state, &api_table, "public_url", "https://"));
	assert_true(accepts(state, &relay_table, "allowed_origins", "https://a.b, http://c:81"));
	assert_true(accepts(state, &relay_table, "allowed_origins", "*"));
	assert_true(accepts(state, &relay_table, "allowed_origins",
		"file://, null, capacitor://localhost, ionic://localhost, http://localhost"));
	assert_true(accepts(state, &api_table, "cors_origins",
		"file://, null, capacitor://localhost, ionic://localhost, http://localhost"));
	assert_true(accepts(state, &api_table, "cors_origins", "*"));
	assert_true(accepts(state, &common_table, "cors_headers", "authorization, x-other"));
	assert_false(accepts(state, &common_table, "cors_headers", "authorization: x"));
	assert_true(accepts(state, &common_table, "outgoing_private",
		"localhost, sip.example.org,10.0.0.0/8,192.168.1.7,fd00::/8,::1"));
	assert_false(accepts(state, &common_table, "outgoing_private", "10.0.0.0/33"));
	assert_false(accepts(state, &common_table, "outgoing_private", "10.0.0.1/8"));
	assert_false(accepts(state, &common_table, "outgoing_private", "*.example.org"));
	assert_true(
		accepts(state, &common_table, "push_fcm_url", "https://fcm.example.org:8443/x"));
	assert_false(accepts(state, &common_table, "push_fcm_url", "ftp://fcm.example.org"));
	assert_false(accepts(state, &common_table, "push_fcm_url", "https://fcm.example.org/"));
	assert_false(accepts(state, &common_table, "push_fcm_url", "https://a:b@fcm.example.org"));
	assert_true(accepts(state, &jobs_table, "sms_webhook_url",
		"https://sms.example.org/send?to={to}&key={secret}"));
	assert_false(accepts(state, &jobs_table, "sms_webhook_url", "sms.example.org/send"));
	assert_false(accepts(state, &relay_table, "allowed_origins", "a.b"));
	assert_false(accepts(state, &relay_table, "allowed_origins", "https://a.b/path"));
	assert_true(accepts(state, &relay_table, "id", "a_"));
	assert_false(accepts(state, &relay_table, "id", "aaa"));
	assert_false(accepts(state, &relay_table, "id", "a/"));
	assert_false(accepts(state, &api_table, "account_username_regex", "^[a-z"));
}

static void every_row_is_complete(void **state)
{
	struct context *c = *state;

	for (size_t i = 0; settings_tables[i]; i++) {
		void *object = arena_alloc(c->arena, settings_tables[i]->size);

		SETTING_FOR_EACH(row, settings_tables[i])
		{
			assert_non_null(row->help);
			assert_true(setting_read(row, str_from(row->def), c->arena, object));
			assert_true(!row->check == !row->must_be || (row->flags & SETTING_SECRET));
			SETTING_FOR_EACH(other, &common_table)
			assert_true(other == row || strcmp(other->name, row->name) != 0);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_context, close_context)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_keep_their_bounds),
		TEST(texts_keep_their_bounds),
		TEST(modes_are_octal),
		TEST(lists_are_words_of_the_row),
		TEST(booleans_are_words_people_write),
		TEST(sets_are_bits_of_the_words_of_the_row),
		TEST(a_choice_is_the_place_of_a_word_of_the_row),
		TEST(dates_are_days_in_utc),
		TEST(values_are_copied_and_compared_by_their_type),
		TEST(addresses_are_checked),
		TEST(urls_origins_ids_and_expressions_are_checked),
		TEST(every_row_is_complete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
