#include "http/router.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct node {
	struct str literal;           /* of its path segment; empty for a variable */
	struct node *children, *next; /* literal ones */
	struct node *variable;
	struct node *rest; /* "{rest*}": whatever else is below */
	const struct endpoint *rows[METHOD_COUNT];
};

struct router {
	struct node root;
	const struct endpoint **list;
	size_t count, cap;
};

struct router *router_new(void)
{
	return mem_alloc(sizeof(struct router));
}

static void node_finish(struct node *n)
{
	for (struct node *c = n->children; c;) {
		struct node *next = c->next;

		node_finish(c);
		free(c);
		c = next;
	}
	if (n->variable)
		node_finish(n->variable);
	free(n->variable);
	if (n->rest)
		node_finish(n->rest);
	free(n->rest);
}

void router_free(struct router **r)
{
	if (!*r)
		return;
	node_finish(&(*r)->root);
	free((*r)->list);
	free(*r);
	*r = NULL;
}

static bool is_variable(struct str segment)
{
	return str_starts(segment, "{");
}

static bool is_rest(struct str segment)
{
	return is_variable(segment) && segment.n > 2 && segment.p[segment.n - 2] == '*';
}

static struct node *child(const struct node *n, struct str segment)
{
	for (struct node *c = n->children; c; c = c->next)
		if (str_eq(c->literal, segment))
			return c;
	return NULL;
}

static struct node *child_add(struct node *n, struct str segment)
{
	struct node **at = is_rest(segment) ? &n->rest : &n->variable;
	struct node *c = is_variable(segment) ? *at : child(n, segment);

	if (c)
		return c;
	c = mem_alloc(sizeof(*c));
	if (is_variable(segment)) {
		*at = c;
		return c;
	}
	c->literal = segment;
	c->next = n->children;
	n->children = c;
	return c;
}

static struct str segments_of(const char *path)
{
	return (struct str){ path + 1, strlen(path) - 1 };
}

static struct str variable_name(struct str segment)
{
	return (struct str){ segment.p + 1, segment.n - 2 };
}

static bool has_variable(const char *path, const char *name)
{
	struct str rest = segments_of(path);

	while (rest.p) {
		struct str segment = str_split(&rest, '/');

		if (is_variable(segment) && str_is(variable_name(segment), name))
			return true;
	}
	return false;
}

static bool has_places(const char *path, const struct field *fields)
{
	for (const struct field *f = fields; f && f->type; f++)
		if (f->in == FIELD_IN_PATH && !has_variable(path, f->name))
			return false;
	return true;
}

static bool has_shape(enum result r)
{
	return r == RESULT_OBJECT || r == RESULT_PAGE || r == RESULT_LIST || r == RESULT_MAP;
}

static bool is_written_by_hand(enum result r)
{
	return r == RESULT_JSON || r == RESULT_ARRAY;
}

static const char *fault_of(const struct endpoint *row)
{
	if (row->path[0] != '/')
		return "its path does not begin with /";
	if (row->auth == AUTH_UNSET || row->auth >= AUTH_COUNT)
		return "it has no auth level";
	if (row->method == METHOD_OTHER || row->method == METHOD_HEAD)
		return "it has no method";
	if (!row->handle || !row->name || !row->summary || !row->tag)
		return "it has no handler, name, tag or summary";
	if (has_shape(endpoint_result(row)) && !row->out)
		return "its result has no shape";
	if (is_written_by_hand(endpoint_result(row)) && !row->out && !row->schema)
		return "its result has no schema";
	if (endpoint_result(row) == RESULT_BYTES && !row->media)
		return "its result has no media type";
	if (!has_places(row->path, row->in ? row->in->fields : NULL) ||
		!has_places(row->path, row->subject ? row->subject->path : NULL))
		return "a field of it has no place in the path";
	return NULL;
}

static bool add_row(struct router *r, const struct endpoint *row, struct buf *why)
{
	const char *fault = fault_of(row);
	struct node *n = &r->root;
	struct str rest = fault ? (struct str){ 0 } : segments_of(row->path);

	while (rest.p)
		n = child_add(n, str_split(&rest, '/'));
	if (!fault && n->rows[row->method])
		fault = "there is one already";
	if (fault) {
		buf_printf(why, "endpoint %s %s: %s", method_name(row->method), row->path, fault);
		return false;
	}
	n->rows[row->method] = row;
	if (r->count == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 64;
		r->list = mem_realloc(r->list, r->cap * sizeof(*r->list));
	}
	r->list[r->count++] = row;
	return true;
}

bool router_add(struct router *r, const struct endpoint *rows, struct buf *why)
{
	for (; rows->path; rows++)
		if (!add_row(r, rows, why))
			return false;
	return true;
}

static bool has_rows(const struct node *n)
{
	for (size_t m = 0; m < METHOD_COUNT; m++)
		if (n->rows[m])
			return true;
	return false;
}

/* Literals first; a dead end behind one is left for the variable beside it. */
static const struct node *find(const struct node *n, const struct request *req, size_t at)
{
	if (at == req->segments)
		return has_rows(n) ? n : NULL;
	const struct node *literal = child(n, req->segment[at]);
	const struct node *found = literal ? find(literal, req, at + 1) : NULL;

	if (!found && n->variable && req->segment[at].n)
		found = find(n->variable, req, at + 1);
	return found ? found : n->rest;
}

static const struct endpoint *any_row(const struct node *n)
{
	for (size_t m = 0; m < METHOD_COUNT; m++)
		if (n->rows[m])
			return n->rows[m];
	return NULL;
}

enum err router_find(const struct router *r, const struct request *req, struct params *params,
	const struct endpoint **ret)
{
	const struct node *n = find(&r->root, req, 0);
	enum method method = req->method == METHOD_HEAD ? METHOD_GET : req->method;

	if (!n)
		return ERR_NOT_FOUND;
	*ret = n->rows[method];
	if (!*ret) {
		*ret = any_row(n);
		return ERR_METHOD_NOT_ALLOWED;
	}
	struct str rest = segments_of((*ret)->path);

	for (size_t i = 0; rest.p; i++) {
		struct str segment = str_split(&rest, '/');

		if (is_variable(segment) && !is_rest(segment))
			params_add_path(params, variable_name(segment), req->segment[i]);
	}
	return ERR_OK;
}

void router_allow(const struct router *r, const struct request *req, struct buf *out)
{
	const struct node *n = find(&r->root, req, 0);
	const char *comma = "";

	for (size_t m = 0; n && m < METHOD_COUNT; m++) {
		if (!n->rows[m])
			continue;
		buf_printf(out, "%s%s", comma,
			m == METHOD_GET ? "GET, HEAD" : method_name((enum method)m));
		comma = ", ";
	}
}

bool router_next(const struct router *r, size_t *at, const struct endpoint **ret)
{
	if (*at == r->count)
		return false;
	*ret = r->list[(*at)++];
	return true;
}
