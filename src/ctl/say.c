#include "ctl_priv.h"

#include <stdarg.h>

#include "text/sentence.h"

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

enum err refuse_fields(struct ctl *c, const struct field_errors *errors)
{
	for (const struct field_error *e = errors->first; e; e = e->next)
		say(c, "%s", sentence_of(c->arena, LANGUAGE_EN, e));
	c->said = true;
	return ERR_INVALID;
}
