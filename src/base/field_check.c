#include "base/field_check.h"

#include "base/utf8.h"

static bool is_of_lines(unsigned char c)
{
	return c == '\n' || c == '\r' || c == '\t';
}

/* C0, DEL and C1 (U+0080 to U+009F are C2 80 to C2 9F). */
static bool has_control(struct str s, bool lines)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (lines && is_of_lines(c))
			continue;
		if (c < ' ' || c == 0x7f)
			return true;
		if (c == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0)
			return true;
	}
	return false;
}

static void check_text(
	const struct field *f, const char *name, struct str s, struct field_errors *errors)
{
	int64_t length = (int64_t)utf8_length(s.p, s.n);
	const struct text *text;

	if (has_control(s, f->flags & FIELD_LINES))
		field_errors_add(errors, name, &text_format);
	if (length < f->min)
		field_errors_add_limit(errors, name, &text_min_len, f->min);
	if (f->max && length > f->max) {
		field_errors_add_limit(errors, name, &text_max_len, f->max);
		return;
	}
	if (f->one_of && !str_is_one_of(s, f->one_of))
		field_errors_add_values(errors, name, &text_one_of, f->one_of);
	text = f->check && s.n ? f->check(s) : NULL;
	if (text)
		field_errors_add(errors, name, text);
}

bool field_check_text(
	const struct field *f, const char *name, struct str s, struct field_errors *errors)
{
	const size_t before = errors->count;

	check_text(f, name, s, errors);
	return errors->count == before;
}

bool field_check_int(
	const struct field *f, const char *name, int64_t v, struct field_errors *errors)
{
	if ((f->min || f->flags & FIELD_FROM_ZERO) && v < f->min)
		field_errors_add_limit(errors, name, &text_min, f->min);
	else if (f->max && v > f->max)
		field_errors_add_limit(errors, name, &text_max, f->max);
	else
		return true;
	return false;
}
