#include "http/text.h"

#include "../unit.h"

static enum language choose(const char *header)
{
	return language_choose(str_from(header));
}

static void the_language_is_the_best_we_speak(void **state)
{
	(void)state;
	assert_int_equal(choose(""), LANGUAGE_EN);
	assert_int_equal(choose("fr"), LANGUAGE_FR);
	assert_int_equal(choose("FR-ca"), LANGUAGE_FR);
	assert_int_equal(choose("de"), LANGUAGE_EN);
	assert_int_equal(choose("de, it;q=0.5"), LANGUAGE_IT);
	assert_int_equal(choose("fr;q=0.4,it;q=0.8, en;q=0.1"), LANGUAGE_IT);
	assert_int_equal(choose("it, fr"), LANGUAGE_IT);
	assert_int_equal(choose("de;q=1, fr ; q=0.001"), LANGUAGE_FR);
	assert_int_equal(choose("*, fr;q=0.9"), LANGUAGE_EN);
	assert_int_equal(choose("fr;q=0.9, *;q=0.1"), LANGUAGE_FR);
}

static void refused_or_broken_ranges_do_not_count(void **state)
{
	(void)state;
	assert_int_equal(choose("fr;q=0"), LANGUAGE_EN);
	assert_int_equal(choose("fr;q=0.000, it;q=0.2"), LANGUAGE_IT);
	assert_int_equal(choose("fr;q=2, it;q=0.2"), LANGUAGE_IT);
	assert_int_equal(choose("fr;q=, it;q=0.2"), LANGUAGE_IT);
	assert_int_equal(choose("fr;q=1.001"), LANGUAGE_EN);
	assert_int_equal(choose("french,,;;q=,fri"), LANGUAGE_EN);
	assert_int_equal(choose("*;q=0, fr;q=0.1"), LANGUAGE_FR);
}

static const char *text(enum language lang, enum text_id id, const char *field, int64_t n)
{
	static struct arena *a;

	if (a)
		arena_free(&a);
	if (!field)
		return NULL;
	a = arena_new(1024);
	return text_format(a, lang, id, field, n, (const char *const[]){ "MD5", "SHA-256", NULL });
}

static void sentences_are_those_promised(void **state)
{
	(void)state;
	assert_string_equal(
		text(LANGUAGE_EN, TEXT_REQUIRED, "username", 0), "The username field is required.");
	assert_string_equal(text(LANGUAGE_FR, TEXT_REQUIRED, "username", 0),
		"Le champ pseudo est obligatoire.");
	assert_string_equal(text(LANGUAGE_IT, TEXT_REQUIRED, "username", 0),
		"Il campo nome utente \xc3\xa8 obbligatorio.");
	text(0, 0, NULL, 0);
}

static void blanks_are_filled(void **state)
{
	(void)state;
	assert_string_equal(text(LANGUAGE_EN, TEXT_MIN_LEN, "display_name", 6),
		"The display_name value needs at least 6 characters.");
	assert_string_equal(text(LANGUAGE_EN, TEXT_ONE_OF, "algorithm", 0),
		"The algorithm value must be one of: MD5, SHA-256.");
	assert_string_equal(text(LANGUAGE_FR, TEXT_MAX, "port", -5),
		"La valeur de port ne peut d\xc3\xa9passer -5.");
	text(0, 0, NULL, 0);
}

static void every_sentence_exists_in_every_language(void **state)
{
	(void)state;
	for (enum text_id id = TEXT_OK + 1; id < TEXT_COUNT; id++)
		for (enum language lang = 0; lang < LANGUAGE_COUNT; lang++) {
			const char *t = text(lang, id, "field", 1);

			assert_true(strlen(t) > 10);
			assert_null(strchr(t, '{'));
		}
	text(0, 0, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_language_is_the_best_we_speak),
		cmocka_unit_test(refused_or_broken_ranges_do_not_count),
		cmocka_unit_test(sentences_are_those_promised),
		cmocka_unit_test(blanks_are_filled),
		cmocka_unit_test(every_sentence_exists_in_every_language),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
