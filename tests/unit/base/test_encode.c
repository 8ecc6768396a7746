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

static void assert_decoded(const char *text, unsigned flags, const char *want)
{
	char out[16];
	size_t n;

	if (!percent_decode(out, sizeof(out), str_from(text), flags, &n))
		fail_msg("refused: %s", text);
	assert_int_equal(n, strlen(want));
	assert_string_equal(out, want);
}

static void percent_sequences_become_bytes(void **state)
{
	(void)state;
	assert_decoded("", 0, "");
	assert_decoded("a%2Fb%2fc%C3%a9", 0, "a/b/c\xc3\xa9");
	assert_decoded("%2b33+1", 0, "+33+1");
	assert_decoded("%2b33+1", PERCENT_PLUS, "+33 1");
	assert_decoded("%2541", 0, "%41");
}

static void what_is_encoded_reads_back(void **state)
{
	struct arena *arena = arena_new(256);
	struct str text = STR("account:al ice+&=/%@sip.example.org?\xc3\xa9~"), back;
	const char *encoded = percent_encode(arena, text);

	(void)state;
	assert_string_equal(
		encoded, "account%3Aal%20ice%2B%26%3D%2F%25%40sip.example.org%3F%C3%A9~");
	assert_true(percent_decode_text(arena, str_from(encoded), PERCENT_PLUS, &back));
	assert_true(str_eq(back, text));
	assert_string_equal(percent_encode(arena, STR("")), "");
	arena_free(&arena);
}

static void a_percent_sign_without_two_digits_is_refused_or_kept(void **state)
{
	const char *const broken[] = { "%", "50%", "%2", "%2g", "%g2", "a%%41" };
	char out[16];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_false(percent_decode(out, sizeof(out), str_from(broken[i]), 0, &n));
	assert_decoded("50%", PERCENT_LENIENT, "50%");
	assert_decoded("%2g%41", PERCENT_LENIENT, "%2gA");
	assert_decoded("a%%41", PERCENT_LENIENT, "a%A");
}

static void decoding_stays_within_its_bounds(void **state)
{
	char out[4] = "\x7f\x7f\x7f\x7f", same[] = "%41%42";
	size_t n;

	(void)state;
	assert_true(percent_decode(out, sizeof(out), STR("%41%42%43"), 0, &n));
	assert_string_equal(out, "ABC");
	assert_false(percent_decode(out, sizeof(out), STR("ABCD"), 0, &n));
	assert_false(percent_decode(out, 0, STR("A"), 0, &n));
	assert_true(percent_decode(same, sizeof(same), str_from(same), 0, &n));
	assert_string_equal(same, "AB");
	assert_true(percent_decode(out, sizeof(out), STR("a%00b"), 0, &n));
	assert_int_equal(n, 3);
}

static void decoded_text_is_utf8_without_nul(void **state)
{
	struct arena *arena = arena_new(1024);
	struct str s = { NULL, 0 }, plain = STR("plain");

	(void)state;
	assert_true(percent_decode_text(arena, s, PERCENT_PLUS, &s));
	assert_non_null(s.p);
	assert_int_equal(s.n, 0);
	assert_true(percent_decode_text(arena, plain, PERCENT_PLUS, &s));
	assert_ptr_equal(s.p, plain.p);
	assert_true(percent_decode_text(arena, STR("caf%C3%A9"), 0, &s));
	assert_str_equal(s, "caf\xc3\xa9");
	assert_false(percent_decode_text(arena, STR("a%00b"), 0, &s));
	assert_false(percent_decode_text(arena, STR("a%ffb"), 0, &s));
	assert_false(percent_decode_text(arena, STR("a\xff"), 0, &s));
	assert_false(percent_decode_text(arena, STR("a%"), 0, &s));
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_4648_vectors),
		cmocka_unit_test(url_alphabet_has_no_padding),
		cmocka_unit_test(hex_is_lower_case_and_strict),
		cmocka_unit_test(percent_sequences_become_bytes),
		cmocka_unit_test(what_is_encoded_reads_back),
		cmocka_unit_test(a_percent_sign_without_two_digits_is_refused_or_kept),
		cmocka_unit_test(decoding_stays_within_its_bounds),
		cmocka_unit_test(decoded_text_is_utf8_without_nul),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
