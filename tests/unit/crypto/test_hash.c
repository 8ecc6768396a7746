#include "crypto/hash.h"

#include "../unit.h"
#include "base/encode.h"

static void sha256_vectors(void **state)
{
	uint8_t out[HASH_BYTES];
	char hex[HEX_SIZE(HASH_BYTES)];

	(void)state;
	hash_sha256(STR("abc"), out);
	assert_string_equal(hex_encode(hex, out, sizeof(out)),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_sha256(STR(""), out);
	assert_string_equal(hex_encode(hex, out, sizeof(out)),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231, test cases 2 and 6 (a key longer than a block). */
static void hmac_vectors(void **state)
{
	uint8_t out[HASH_BYTES];
	char hex[HEX_SIZE(HASH_BYTES)], long_key[131];

	(void)state;
	hash_hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"), out);
	assert_string_equal(hex_encode(hex, out, sizeof(out)),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(long_key, 0xaa, sizeof(long_key));
	hash_hmac_sha256((struct str){ long_key, sizeof(long_key) },
		STR("Test Using Larger Than Block-Size Key - Hash Key First"), out);
	assert_string_equal(hex_encode(hex, out, sizeof(out)),
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* RFC 2202, test case 2. */
static void hmac_sha1_vector(void **state)
{
	uint8_t out[SHA1_BYTES];
	char hex[HEX_SIZE(SHA1_BYTES)];

	(void)state;
	hash_hmac_sha1(STR("Jefe"), STR("what do ya want for nothing?"), out);
	assert_string_equal(
		hex_encode(hex, out, sizeof(out)), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

static void a_keyed_hash_is_the_hmac_in_hex(void **state)
{
	struct arena *arena = arena_new(1024);
	struct key key = { .id = 1 };
	uint8_t out[HASH_BYTES];
	char hex[HEX_SIZE(HASH_BYTES)];

	(void)state;
	memset(key.bytes, 0x0b, sizeof(key.bytes));
	hash_hmac_sha256(
		(struct str){ (const char *)key.bytes, sizeof(key.bytes) }, STR("Hi There"), out);
	assert_string_equal(
		hash_hmac_hex(arena, &key, "Hi There"), hex_encode(hex, out, sizeof(out)));
	arena_free(&arena);
}

/* RFC 3174, 7.3 */
static void sha1_vector(void **state)
{
	char out[SHA1_HEX_SIZE];

	(void)state;
	hash_sha1_hex(STR("abc"), out);
	assert_string_equal(out, "a9993e364706816aba3e25717850c26c9cd0d89d");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_vectors),
		cmocka_unit_test(hmac_vectors),
		cmocka_unit_test(hmac_sha1_vector),
		cmocka_unit_test(sha1_vector),
		cmocka_unit_test(a_keyed_hash_is_the_hmac_in_hex),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
