#include "base/utf8.h"

#include "../unit.h"

static const char *const good[] = { "", "plain", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf",
	"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "a\xe2\x82\xac" };
static const char *const bad[] = { "\x80", "\xc0\xaf", "\xc1\x81", "\xe0\x9f\xbf", "\xed\xa0\x80",
	"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe2\x82", "\xc2" };

static void only_well_formed_text_passes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(utf8_is_valid(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(utf8_is_valid(bad[i], strlen(bad[i])));
}

static void every_split_gives_the_same_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		for (size_t cut = 0; cut <= strlen(good[i]); cut++) {
			struct utf8 u = { 0 };

			assert_true(utf8_feed(&u, good[i], cut));
			assert_true(utf8_feed(&u, good[i] + cut, strlen(good[i]) - cut));
			assert_true(utf8_is_whole(&u));
		}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (size_t cut = 0; cut <= strlen(bad[i]); cut++) {
			struct utf8 u = { 0 };

			assert_false(utf8_feed(&u, bad[i], cut) &&
				     utf8_feed(&u, bad[i] + cut, strlen(bad[i]) - cut) &&
				     utf8_is_whole(&u));
		}
}

static void characters_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(utf8_length("a\xe2\x82\xac\xf0\x90\x80\x80", 8), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_well_formed_text_passes),
		cmocka_unit_test(every_split_gives_the_same_answer),
		cmocka_unit_test(characters_are_counted_not_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
