#include "vcard.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/vcard_line.h"

/* The card is cut into lines in a copy of it: unfolding only makes it shorter. */
struct lines {
	char *at, *end;
};

/* One line: group "." name *(";" param "=" value *("," value)) ":" value. */
struct property {
	struct str group, name, params, value; /* params with the ';' in front */
};

struct reading {
	struct lines lines;
	struct buf body; /* the properties between VERSION and END, as they are written */
	struct str version, uid;
	size_t versions, uids, names;
};

/* The end of the line and what is behind its CRLF or LF; NULL for a CR of its own, or no line end where
 * there has to be one. */
static char *line_end(char *p, char *end, char **ret_next)
{
	while (p < end && *p != '\r' && *p != '\n')
		p++;
	*ret_next = p < end ? p + 1 : p;
	if (p < end && *p == '\r') {
		if (p + 1 == end || p[1] != '\n')
			return NULL;
		*ret_next = p + 2;
	}
	return p;
}

/* The next line without its folds; false at the end, or where there is none. */
static bool next_line(struct lines *l, struct str *ret)
{
	char *to = l->at, *next, *stop;

	if (l->at == l->end)
		return false;
	*ret = (struct str){ l->at, 0 };
	do {
		char *from = ret->n ? l->at + 1 : l->at; /* without the blank of the fold */

		stop = line_end(from, l->end, &next);
		if (!stop)
			return false;
		memmove(to, from, (size_t)(stop - from));
		to += stop - from;
		ret->n = (size_t)(to - ret->p);
		l->at = next;
	} while (ret->n && next < l->end && (*next == ' ' || *next == '\t'));
	return true;
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '-';
}

static struct str cut_name(struct str *rest)
{
	struct str name = { rest->p, 0 };

	while (name.n < rest->n && is_name_char(rest->p[name.n]))
		name.n++;
	*rest = (struct str){ rest->p + name.n, rest->n - name.n };
	return name;
}

static bool cut_char(struct str *rest, char c)
{
	if (rest->n == 0 || rest->p[0] != c)
		return false;
	*rest = (struct str){ rest->p + 1, rest->n - 1 };
	return true;
}

static bool is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_control(s.p[i]))
			return true;
	return false;
}

/* Quoted, or of what needs no quotes. */
static bool cut_param_value(struct str *rest)
{
	bool quoted = cut_char(rest, '"');
	const char *ends = quoted ? "\"" : "\",;:";
	size_t n = 0;

	while (n < rest->n && rest->p[n] && !strchr(ends, rest->p[n]))
		n++;
	*rest = (struct str){ rest->p + n, rest->n - n };
	return !quoted || cut_char(rest, '"');
}

static bool cut_params(struct str *rest)
{
	while (cut_char(rest, ';')) {
		if (cut_name(rest).n == 0 || !cut_char(rest, '='))
			return false;
		do
			if (!cut_param_value(rest))
				return false;
		while (cut_char(rest, ','));
	}
	return true;
}

static bool property_parse(struct str line, struct property *ret)
{
	struct str rest = line;

	if (has_control(line))
		return false;
	*ret = (struct property){ .name = cut_name(&rest) };
	if (cut_char(&rest, '.')) {
		ret->group = ret->name;
		ret->name = cut_name(&rest);
		if (ret->group.n == 0)
			return false;
	}
	ret->params.p = rest.p;
	if (ret->name.n == 0 || !cut_params(&rest))
		return false;
	ret->params.n = (size_t)(rest.p - ret->params.p);
	ret->value = (struct str){ rest.p + 1, rest.n - 1 };
	return cut_char(&rest, ':');
}

static bool is_bare(const struct property *p, const char *name)
{
	return p->group.n == 0 && p->params.n == 0 && str_case_is(p->name, name);
}

static void add_upper(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_add_char(out, (char)toupper((unsigned char)s.p[i]));
}

/* Their names in upper case, their values as they are. */
static void add_params(struct buf *out, struct str params)
{
	while (params.n) {
		const char *begin;

		buf_add_char(out, params.p[0]);
		cut_char(&params, ';');
		add_upper(out, cut_name(&params));
		begin = params.p;
		cut_char(&params, '=');
		do
			cut_param_value(&params);
		while (cut_char(&params, ','));
		buf_add(out, begin, (size_t)(params.p - begin));
	}
}

static void add_property(struct buf *out, const struct property *p)
{
	struct buf line;

	buf_init(&line, out->max);
	if (p->group.n) {
		buf_add(&line, p->group.p, p->group.n);
		buf_add_char(&line, '.');
	}
	add_upper(&line, p->name);
	add_params(&line, p->params);
	buf_add_char(&line, ':');
	buf_add(&line, p->value.p, p->value.n);
	vcard_line_add(out, buf_str(&line));
	buf_finish(&line);
}

static bool take_property(struct reading *r, const struct property *p)
{
	if (str_case_is(p->name, "VERSION")) {
		r->version = p->value;
		r->versions++;
		return is_bare(p, "VERSION");
	}
	if (str_case_is(p->name, "UID")) {
		r->uid = str_trim(p->value);
		r->uids++;
	}
	if (str_case_is(p->name, "FN"))
		r->names++;
	add_property(&r->body, p);
	return true;
}

static bool is_blank_from(struct lines *l)
{
	return str_trim((struct str){ l->at, (size_t)(l->end - l->at) }).n == 0;
}

/* From BEGIN to END, with nothing behind. */
static bool read_card(struct reading *r)
{
	struct property p;
	struct str line;

	if (!next_line(&r->lines, &line) || !property_parse(line, &p) || !is_bare(&p, "BEGIN") ||
		!str_case_is(p.value, "VCARD"))
		return false;
	while (next_line(&r->lines, &line)) {
		if (!property_parse(line, &p) || str_case_is(p.name, "BEGIN"))
			return false;
		if (str_case_is(p.name, "END"))
			return is_bare(&p, "END") && str_case_is(p.value, "VCARD") &&
			       is_blank_from(&r->lines);
		if (!take_property(r, &p))
			return false;
	}
	return false;
}

/* RFC 6350, 3.4: what is escaped in a text; an URI has none of it. NULL: it is no UID of ours. */
static const char *uid_of(struct arena *arena, struct str value)
{
	char *uid = arena_alloc(arena, value.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\\' && (++i == value.n || !strchr("\\,;", value.p[i])))
			return NULL;
		uid[n++] = value.p[i];
	}
	return n && n <= VCARD_UID_MAX ? uid : NULL;
}

static bool is_whole(const struct reading *r)
{
	static const char *const versions[] = { "3.0", "4.0", NULL };

	return r->versions == 1 && r->uids == 1 && r->names && str_is_one_of(r->version, versions);
}

bool vcard_read(struct arena *arena, struct str text, struct vcard *ret)
{
	char *copy = arena_strndup(arena, text.p, text.n);
	struct reading r = { .lines = { copy, copy + text.n } };
	bool good;

	/* Three bytes for two at most: a line of one character, folded. */
	buf_init(&r.body, 2 * text.n + 64);
	good = read_card(&r) && is_whole(&r);
	ret->uid = good ? uid_of(arena, r.uid) : NULL;
	if (ret->uid)
		ret->text = arena_printf(arena, "BEGIN:VCARD\nVERSION:%.*s\n%sEND:VCARD\n",
			(int)r.version.n, r.version.p, r.body.p);
	good = ret->uid && !r.body.overflow;
	buf_finish(&r.body);
	return good;
}
