#include "text/sentence.h"

#include <assert.h>

#include "base/buf.h"
#include "text/translation.h"

#define SENTENCE_MAX 4096 /* bytes of one finished sentence */

static void add_values(struct buf *out, const char *const *values)
{
	for (const char *const *v = values; v && *v; v++) {
		if (v != values)
			buf_add_str(out, ", ");
		buf_add_str(out, *v);
	}
}

/* What stands for a gap such as "{n}". */
static void fill(struct buf *out, enum language lang, struct str gap, const struct field_error *e)
{
	if (str_is(gap, "f"))
		buf_add_str(out, translation_of(lang, "field", e->name));
	else if (str_is(gap, "n"))
		buf_add_int(out, e->n);
	else if (str_is(gap, "values"))
		add_values(out, e->values);
	else
		assert(!"unknown gap in a text");
}

const char *sentence_of(struct arena *a, enum language lang, const struct field_error *e)
{
	struct str rest = str_from(translation_of(lang, e->text->key, e->text->text));
	struct buf out;

	buf_init(&out, SENTENCE_MAX);
	while (rest.n) {
		struct str plain = str_split(&rest, '{');

		buf_add(&out, plain.p, plain.n);
		if (rest.p)
			fill(&out, lang, str_split(&rest, '}'), e);
	}
	const char *text = arena_strndup(a, out.p, out.n);

	buf_finish(&out);
	return text;
}
