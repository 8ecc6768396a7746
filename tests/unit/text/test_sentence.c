#include "text/sentence.h"

#include "../unit.h"

static const char *text(enum language lang, const struct text *t, const char *field, int64_t n)
{
	static struct arena *a;

	if (a)
		arena_free(&a);
	if (!field)
		return NULL;
	a = arena_new(1024);
	return sentence_of(a, lang,
		&(struct field_error){ .text = t,
			.name = field,
			.n = n,
			.values = (const char *const[]){ "MD5", "SHA-256", NULL } });
}

static void sentences_are_those_promised(void **state)
{
	(void)state;
	assert_string_equal(text(LANGUAGE_EN, &text_required, "username", 0),
		"The username field is required.");
	assert_string_equal(text(LANGUAGE_FR, &text_required, "username", 0),
		"Le champ pseudo est obligatoire.");
	assert_string_equal(text(LANGUAGE_IT, &text_required, "username", 0),
		"Il campo nome utente \xc3\xa8 obbligatorio.");
	text(0, NULL, NULL, 0);
}

static void gaps_are_filled(void **state)
{
	(void)state;
	assert_string_equal(text(LANGUAGE_EN, &text_min_len, "display_name", 6),
		"The display_name value needs at least 6 characters.");
	assert_string_equal(text(LANGUAGE_EN, &text_one_of, "algorithm", 0),
		"The algorithm value must be one of: MD5, SHA-256.");
	assert_string_equal(text(LANGUAGE_FR, &text_max, "port", -5),
		"La valeur de port ne peut d\xc3\xa9passer -5.");
	text(0, NULL, NULL, 0);
}

static void an_unknown_text_stays_english(void **state)
{
	static const struct text unheard = { "unheard", "The {f} value is unheard of." };
	static const struct text changed = { "required", "We need {f}." };

	(void)state;
	assert_string_equal(text(LANGUAGE_FR, &unheard, "phone", 0),
		"The t\xc3\xa9l\xc3\xa9phone value is unheard of.");
	assert_string_equal(text(LANGUAGE_IT, &changed, "port", 0), "We need port.");
	text(0, NULL, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences_are_those_promised),
		cmocka_unit_test(gaps_are_filled),
		cmocka_unit_test(an_unknown_text_stays_english),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
