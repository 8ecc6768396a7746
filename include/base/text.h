/*
 * A sentence people read in validation errors, as a fact: its English, and the key by which a
 * translation is found (src/text/po, one file a language).
 *
 *   static const struct text odd = { "odd", "The {f} value must be even." };
 *
 * {f} is the field's name, {n} a limit, {values} a list.  A text stands beside the rule that uses it;
 * here are those of fields in general.  Keys are unique among texts and errors, and never told.
 */
#ifndef DIALTONE_BASE_TEXT_H
#define DIALTONE_BASE_TEXT_H

struct text {
	const char *key, *text;
};

/* Around an English text that stays so in every language: clients compare it. */
#define UNTRANSLATED(text) text

extern const struct text text_required, text_taken, text_format, text_type, text_one_of,
	text_min_len, text_max_len, text_min, text_max, text_bool, text_int, text_date,
	text_iso_date, text_email, text_phone, text_not_phone, text_lowercase, text_forbidden_field,
	text_dictionary, text_unknown;

#endif
