#include "base/encode.h"

#include "../unit.h"

/* RFC 4648 section 10. */
static void rfc_4648_vectors(void **state)
{
	static const char *const plain[] = { "", "f", "fo", "foo", "foob", "fooba", "foobar" };
	static const char *const coded[] = { "", "Zg==", "Zm8=", "Zm9v",
		"Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };
	char text[32];
	uint8_t bytes[32];
	size_t n;

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		base64_encode(text, plain[i], strlen(plain[i]));
		assert_string_equal(text, coded[i]);
		assert_true(base64_decode(bytes, str_from(coded[i]), &n));
		assert_int_equal(n, strlen(plain[i]));
		assert_memory_equal(bytes, plain[i], n);
	}
}

static void url_alphabet_has_no_padding(void **state)
{
	char text[16];
	uint8_t bytes[16];
	size_t n;

	(void)state;
	base64url_encode(text, "\xfb\xff\xfe", 3);
	assert_string_equal(text, "-__-");
	assert_true(base64url_decode(bytes, STR("-__-"), &n));
	assert_memory_equal(bytes, "\xfb\xff\xfe", 3);
	assert_false(base64url_decode(bytes, STR("+//+"), &n));
	assert_false(base64url_decode(bytes, STR("Zg=="), &n));
	assert_false(base64url_decode(bytes, STR("Zh"), &n)); /* stray bits */
	assert_false(base64url_decode(bytes, STR("Z"), &n));
}

static void hex_is_lower_case_and_strict(void **state)
{
	char text[HEX_SIZE(3)];
	uint8_t bytes[3];

	(void)state;
	assert_string_equal(hex_encode(text, "\x00\xab\xff", 3), "00abff");
	assert_true(hex_decode(bytes, 3, STR("00ABff")));
	assert_memory_equal(bytes, "\x00\xab\xff", 3);
	assert_false(hex_decode(bytes, 3, STR("00abf")));
	assert_false(hex_decode(bytes, 3, STR("00abfg")));
}

static void a_percent_sign_counts_with_two_digits_behind_it(void **state)
{
	char c = '?';

	(void)state;
	assert_true(percent_byte(STR("%2Fx"), &c));
	assert_int_equal(c, '/');
	assert_true(percent_byte(STR("%c3"), &c));
	assert_int_equal((unsigned char)c, 0xc3);
	assert_false(percent_byte(STR("2F"), &c));
	assert_false(percent_byte(STR("%2"), &c));
	assert_false(percent_byte(STR("%2g"), &c));
	assert_false(percent_byte(STR(""), &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_4648_vectors),
		cmocka_unit_test(url_alphabet_has_no_padding),
		cmocka_unit_test(hex_is_lower_case_and_strict),
		cmocka_unit_test(a_percent_sign_counts_with_two_digits_behind_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
