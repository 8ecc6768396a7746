#include "http/text.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "http/header.h"

#define SENTENCE_MAX    4096 /* bytes of one finished sentence */
#define LANGUAGES_ASKED 32   /* ranges of a header that are looked at */

static const char *const tags[LANGUAGE_COUNT] = { "en", "fr", "it" };

#define TEXT_ROW(name, en, fr, it) [TEXT_##name] = { en, fr, it },
static const char *const sentences[TEXT_COUNT][LANGUAGE_COUNT] = { TEXT_CODES(TEXT_ROW) };
#undef TEXT_ROW

#define FIELD_ROW(name, fr, it) { name, fr, it },
static const char *const field_names[][LANGUAGE_COUNT] = { TEXT_FIELDS(FIELD_ROW) };
#undef FIELD_ROW

static enum language find_language(struct str range)
{
	struct str primary = str_split(&range, '-');
	enum language lang = LANGUAGE_EN;

	while (lang < LANGUAGE_COUNT && !str_case_is(primary, tags[lang]))
		lang++;
	return lang;
}

enum language language_choose(struct str accept_language)
{
	enum language best = LANGUAGE_EN;
	int best_q = 0;

	for (int i = 0; i < LANGUAGES_ASKED && accept_language.n; i++) {
		struct str item = str_split(&accept_language, ',');
		struct str range = str_trim(str_split(&item, ';'));
		int q = header_quality(item);
		enum language lang = str_is(range, "*") ? LANGUAGE_EN : find_language(range);

		if (lang == LANGUAGE_COUNT || q <= best_q)
			continue;
		best = lang;
		best_q = q;
	}
	return best;
}

static const char *field_name(enum language lang, const char *name)
{
	if (lang == LANGUAGE_EN)
		return name;
	for (size_t i = 0; i < sizeof(field_names) / sizeof(field_names[0]); i++)
		if (strcmp(field_names[i][LANGUAGE_EN], name) == 0)
			return field_names[i][lang];
	return name;
}

static void add_values(struct buf *out, const char *const *values)
{
	for (const char *const *v = values; v && *v; v++) {
		if (v != values)
			buf_add_str(out, ", ");
		buf_add_str(out, *v);
	}
}

/* What stands for a blank such as "{n}". */
struct blanks {
	const char *field;
	int64_t n;
	const char *const *values;
};

static void add_blank(struct buf *out, struct str name, const struct blanks *b)
{
	if (str_is(name, "f"))
		buf_add_str(out, b->field);
	else if (str_is(name, "n"))
		buf_printf(out, "%lld", (long long)b->n);
	else if (str_is(name, "values"))
		add_values(out, b->values);
	else
		assert(!"unknown blank in a text");
}

const char *text_format(struct arena *a, enum language lang, enum text_id id, const char *field,
	int64_t n, const char *const *values)
{
	const struct blanks blanks = { field_name(lang, field), n, values };
	struct str rest = str_from(sentences[id][lang]);
	struct buf out;

	assert(id > TEXT_OK && id < TEXT_COUNT);
	buf_init(&out, SENTENCE_MAX);
	while (rest.n) {
		struct str plain = str_split(&rest, '{');

		buf_add(&out, plain.p, plain.n);
		if (rest.p)
			add_blank(&out, str_split(&rest, '}'), &blanks);
	}
	const char *text = arena_strndup(a, out.p, out.n);

	buf_finish(&out);
	return text;
}
