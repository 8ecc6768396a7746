/*
 * In a variable segment stands what needs no decoding, or decodes to a character that no literal segment
 * of ours has: a literal one cannot hide behind a variable.  Of two rows that fit a path the router takes
 * the one with the literal segment where they first differ; where that one may not be kept, it stands
 * before the others as an exception.
 */
#include "http/kept_rows.h"

#include <string.h>

#include "base/str.h"

/* Possessive: a long one costs nginx no stack. */
#define SEGMENT   "(?:[\\w.~@:+-]++|%40|%3A|%2B)++"
#define LINES_MAX 3000 /* bytes; nginx takes 4096 in one word of its configuration */
#define API       "/api/"

/* clang-format off */
static const char head[] =
	"# Printed from the endpoint rows by the build, do not edit: the GET requests that nginx may send on a\n"
	"# kept connection to the API, and once more when that breaks. They change nothing. Each is spelled in one\n"
	"# way, without a query string and without a body; all else has a fresh connection and is sent once (HEAD\n"
	"# as well: nginx keeps no connection after it).\n"
	"map \"$request_method $content_length$http_transfer_encoding $request_uri\" $dialtone_kept {\n"
	"    default '';\n";
/* clang-format on */

static bool is_variable(struct str segment)
{
	return str_starts(segment, "{");
}

static bool is_rest(struct str segment)
{
	return is_variable(segment) && segment.n > 2 && segment.p[segment.n - 2] == '*';
}

/* Pages have their own ways, and their paths are secrets; below /webrest are the paths of /api under
 * another name (cti-api 1.16). */
static bool is_below_api(const struct endpoint *e)
{
	return strncmp(e->path, API, strlen(API)) == 0;
}

static bool may_be_kept(const struct endpoint *e)
{
	return endpoint_is_repeatable(e) && is_below_api(e) && !strstr(e->path, "*}");
}

/* Whether there are paths that fit both rows and are a's. */
static bool outranks(const struct endpoint *a, const struct endpoint *b)
{
	struct str rest_a = str_from(a->path + 1), rest_b = str_from(b->path + 1);
	bool decided = false, is_a = false;

	while (rest_a.p && rest_b.p) {
		struct str in_a = str_split(&rest_a, '/'), in_b = str_split(&rest_b, '/');
		bool any_a = is_variable(in_a), any_b = is_variable(in_b);

		if (is_rest(in_a))
			return is_a;
		if (!any_a && !any_b && !str_eq(in_a, in_b))
			return false;
		is_a = decided ? is_a : any_b && !any_a;
		decided = decided || any_a != any_b;
	}
	return is_a && !rest_a.p && !rest_b.p;
}

/* It would be taken for a row that may be kept. */
static bool is_exception(const struct router *r, const struct endpoint *e)
{
	const struct endpoint *other;

	if (e->method != METHOD_GET || may_be_kept(e))
		return false;
	for (size_t at = 0; router_next(r, &at, &other);)
		if (may_be_kept(other) && outranks(e, other))
			return true;
	return false;
}

static bool is_kept(const struct router *r, const struct endpoint *e)
{
	(void)r;
	return may_be_kept(e);
}

static void add_literal(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (strchr(".+*?^$|()[]{}\\", s.p[i]))
			buf_add_char(out, '\\');
		buf_add_char(out, s.p[i]);
	}
}

static void add_pattern(struct buf *out, const char *path)
{
	struct str rest = str_from(path + strlen(API));
	const char *slash = "";

	while (rest.p) {
		struct str segment = str_split(&rest, '/');

		buf_add_str(out, slash);
		if (is_rest(segment))
			buf_add_str(out, ".*");
		else if (is_variable(segment))
			buf_add_str(out, SEGMENT);
		else
			add_literal(out, segment);
		slash = "/";
	}
}

static void begin_pattern(struct buf *out)
{
	buf_add_str(out, "    \"~(?x) ^GET\\ \\ /(?:api|webrest)/(?:\n        ");
}

static void end_pattern(struct buf *out, const char *value)
{
	buf_printf(out, "\n    )$\" %s;\n", value);
}

/* nginx takes the first pattern that fits. */
static void write_rows(const struct router *r,
	bool (*belongs)(const struct router *r, const struct endpoint *e), const char *value,
	struct buf *out)
{
	const struct endpoint *row;
	size_t begun = 0;

	for (size_t at = 0; router_next(r, &at, &row);) {
		if (!belongs(r, row))
			continue;
		if (begun && out->n - begun > LINES_MAX) {
			end_pattern(out, value);
			begun = 0;
		}
		if (begun)
			buf_add_str(out, "\n      | ");
		else
			begin_pattern(out);
		begun = begun ? begun : out->n;
		add_pattern(out, row->path);
	}
	if (begun)
		end_pattern(out, value);
}

void kept_rows_write(const struct router *r, struct buf *out)
{
	const struct endpoint *row;

	buf_add_str(out, head);
	write_rows(r, is_exception, "''", out);
	write_rows(r, is_kept, "1", out);
	buf_add_str(out, "}\n# GET rows that are sent once, on a fresh connection:\n");
	for (size_t at = 0; router_next(r, &at, &row);)
		if (row->method == METHOD_GET && !may_be_kept(row))
			buf_printf(out, "#   %s\n", row->path);
}
