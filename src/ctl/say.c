#include "ctl_priv.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/buf.h"

#define SENTENCE_MAX 2048

#define SENTENCE(name, en, fr, it) [TEXT_##name] = en,
static const char *const sentences[TEXT_COUNT] = { TEXT_CODES(SENTENCE) };
#undef SENTENCE

void say(struct ctl *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(c->err, fmt, ap);
	va_end(ap);
	fputc('\n', c->err);
}

enum err refuse(struct ctl *c, enum err e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(c->err, fmt, ap);
	va_end(ap);
	fputc('\n', c->err);
	c->said = true;
	return e;
}

static void add_values(struct buf *out, const char *const *values)
{
	for (size_t i = 0; values && values[i]; i++)
		buf_printf(out, "%s%s", i ? ", " : "", values[i]);
}

static void add_blank(struct buf *out, struct str blank, const struct field_error *e)
{
	if (str_is(blank, "f"))
		buf_add_str(out, e->name);
	else if (str_is(blank, "n"))
		buf_printf(out, "%" PRId64, e->n);
	else
		add_values(out, e->values);
}

/* "The {f} value needs at least {n} characters." with its blanks filled in. */
static void sentence_write(struct buf *out, const struct field_error *e)
{
	struct str rest = str_from(sentences[e->text]);

	while (rest.p) {
		struct str text = str_split(&rest, '{');

		buf_add(out, text.p, text.n);
		if (rest.p)
			add_blank(out, str_split(&rest, '}'), e);
	}
}

enum err refuse_fields(struct ctl *c, const struct field_errors *errors)
{
	struct buf out;

	for (const struct field_error *e = errors->first; e; e = e->next) {
		buf_init(&out, SENTENCE_MAX);
		sentence_write(&out, e);
		say(c, "%s", out.p ? out.p : e->name);
		buf_finish(&out);
	}
	c->said = true;
	return ERR_INVALID;
}
