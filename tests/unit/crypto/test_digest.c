#include "crypto/digest.h"

#include <ctype.h>

#include "keys.h"

#define ACCOUNT 42
#define IP      "192.0.2.1"
#define NOW     1760000000

static void response_vectors_of_rfc_7616(void **state)
{
	static const char *const expected[] = {
		"8ca523f5e9506fed4657c9700eebdbec",
		"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
	};
	struct digest_parts p = { .nonce = STR("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"),
		.nc = STR("00000001"),
		.cnonce = STR("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
		.qop = STR("auth"),
		.method = STR("GET"),
		.uri = STR("/dir/index.html") };
	char ha1[HA1_SIZE], response[HA1_SIZE];

	(void)state;
	for (enum digest_algorithm a = 0; a < DIGEST_ALGORITHMS; a++) {
		ha1_make(
			a, STR("Mufasa"), STR("http-auth@example.org"), STR("Circle of Life"), ha1);
		p.ha1 = str_from(ha1);
		digest_response(a, &p, response);
		assert_string_equal(response, expected[a]);
	}
}

static enum err check(const struct keyring *k, const char *nonce, int64_t account, const char *ip)
{
	uint32_t epoch = 0;
	int64_t issued = 0;
	enum err e = digest_nonce_check(k, str_from(nonce), account, ip, &epoch, &issued);

	if (e == ERR_OK) {
		assert_int_equal(epoch, 7);
		assert_int_equal(issued, NOW);
	}
	return e;
}

static void nonce_belongs_to_one_account_and_address(void **state)
{
	struct keyring *k = keys_from(KEYS_OLD);
	char nonce[DIGEST_NONCE_SIZE], another[DIGEST_NONCE_SIZE];

	(void)state;
	digest_nonce_make(k, 7, NOW, ACCOUNT, IP, nonce);
	digest_nonce_make(k, 7, NOW, ACCOUNT, IP, another);
	assert_string_not_equal(nonce, another);
	assert_int_equal(strlen(nonce), 64);
	assert_int_equal(check(k, nonce, ACCOUNT, IP), ERR_OK);
	assert_int_equal(check(k, nonce, ACCOUNT + 1, IP), ERR_DIGEST_INVALID);
	assert_int_equal(check(k, nonce, ACCOUNT, "192.0.2.2"), ERR_DIGEST_INVALID);
	keyring_free(&k);
}

static void changed_nonce_is_refused(void **state)
{
	struct keyring *k = keys_from(KEYS_OLD);
	char nonce[DIGEST_NONCE_SIZE];

	(void)state;
	digest_nonce_make(k, 7, NOW, ACCOUNT, IP, nonce);
	for (size_t i = 0; i < 64; i++) {
		char kept = nonce[i];

		nonce[i] = kept == '0' ? '1' : '0';
		assert_int_equal(check(k, nonce, ACCOUNT, IP), ERR_DIGEST_INVALID);
		nonce[i] = kept;
	}
	assert_int_equal(check(k, "", ACCOUNT, IP), ERR_DIGEST_INVALID);
	assert_int_equal(check(k, nonce + 2, ACCOUNT, IP), ERR_DIGEST_INVALID);
	keyring_free(&k);
}

/* Otherwise it could be used again with nc 1 wherever nc is counted by the nonce's text. */
static void nonce_in_upper_case_is_refused(void **state)
{
	struct keyring *k = keys_from(KEYS_OLD);
	char nonce[DIGEST_NONCE_SIZE];

	(void)state;
	do
		digest_nonce_make(k, 7, NOW, ACCOUNT, IP, nonce);
	while (!strpbrk(nonce, "abcdef"));
	for (char *c = nonce; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	assert_int_equal(check(k, nonce, ACCOUNT, IP), ERR_DIGEST_INVALID);
	keyring_free(&k);
}

static void nonce_and_opaque_outlive_a_change_of_keys(void **state)
{
	struct keyring *before = keys_from(KEYS_OLD), *after = keys_from(KEYS_AFTER_CHANGE);
	struct keyring *other = keys_from(KEYS_OTHER);
	char nonce[DIGEST_NONCE_SIZE], opaque[DIGEST_NONCE_SIZE], again[DIGEST_NONCE_SIZE];

	(void)state;
	digest_nonce_make(before, 7, NOW, ACCOUNT, IP, nonce);
	digest_opaque_make(before, str_from(nonce), opaque);
	digest_opaque_make(before, str_from(nonce), again);
	assert_string_equal(opaque, again);
	assert_int_equal(strlen(opaque), 64);
	assert_int_equal(check(after, nonce, ACCOUNT, IP), ERR_OK);
	assert_int_equal(check(other, nonce, ACCOUNT, IP), ERR_DIGEST_INVALID);
	assert_true(digest_opaque_is_valid(after, str_from(nonce), str_from(opaque)));
	assert_false(digest_opaque_is_valid(other, str_from(nonce), str_from(opaque)));
	nonce[0] ^= 1;
	assert_false(digest_opaque_is_valid(before, str_from(nonce), str_from(opaque)));
	keyring_free(&before);
	keyring_free(&after);
	keyring_free(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(response_vectors_of_rfc_7616),
		cmocka_unit_test(nonce_belongs_to_one_account_and_address),
		cmocka_unit_test(changed_nonce_is_refused),
		cmocka_unit_test(nonce_in_upper_case_is_refused),
		cmocka_unit_test(nonce_and_opaque_outlive_a_change_of_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
