/* The answers of rows: what a handler filled, as bytes. */
#include "http/ctx.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/json_writer.h"
#include "http/page.h"
#include "http_priv.h"

static const char json_type[] = "application/json";

void reply_header(struct ctx *c, const char *name, const char *value)
{
	assert(c->reply.headers_n < REPLY_HEADERS_MAX);
	c->reply.headers[c->reply.headers_n++] = (struct reply_header){ name, value };
}

void reply_raw(struct ctx *c, const char *content_type, struct str bytes)
{
	buf_add(c->reply.body, bytes.p, bytes.n);
	c->reply.content_type = content_type;
}

enum err reply_read(struct ctx *c)
{
	*(struct rows *)c->out = *(const struct rows *)c->read[0];
	return ERR_OK;
}

static void object(struct json_writer *w, const struct ctx *c, const void *o)
{
	json_object_begin(w);
	json_fields(w, c->endpoint->out->fields, o, c->endpoint->reader);
	json_object_end(w);
}

static void objects(struct json_writer *w, const struct ctx *c, const void *items, size_t n)
{
	const char *at = items;

	json_array_begin(w);
	for (size_t i = 0; i < n; i++)
		object(w, c, at + i * c->endpoint->out->size);
	json_array_end(w);
}

static void object_of_objects(
	struct json_writer *w, const struct ctx *c, const void *items, size_t n)
{
	const struct shape *shape = c->endpoint->out;
	const char *at = items;

	json_object_begin(w);
	for (size_t i = 0; i < n; i++, at += shape->size) {
		const char *const *key = field_value(&shape->fields[0], at);

		json_key(w, *key);
		object(w, c, at);
	}
	json_object_end(w);
}

/* Of a text or an instant of the query string; NULL: it was not given. */
static const char *filter_text(const struct ctx *c, const struct field *f)
{
	const void *member = field_value(f, c->in);

	if (f->in != FIELD_IN_QUERY)
		return NULL;
	if (f->type == FIELD_TYPE_TEXT)
		return *(const char *const *)member;
	if (f->type != FIELD_TYPE_TIME || *(const int64_t *)member == 0)
		return NULL;
	return clock_iso(arena_alloc(c->arena, CLOCK_ISO_SIZE), *(const int64_t *)member);
}

/* What else was asked for, which holds on the other pages, too: "&actor=...". */
static const char *page_filters(const struct ctx *c)
{
	const char *all = "";

	for (const struct field *f = c->endpoint->in->fields; f->type; f++) {
		const char *value = filter_text(c, f);

		if (value && strcmp(f->name, "page") != 0)
			all = arena_printf(c->arena, "%s&%s=%s", all, f->name,
				percent_encode(c->arena, str_from(value)));
	}
	return all;
}

/* page 0: no such page. */
static void page_url(struct json_writer *w, const struct ctx *c, int64_t page)
{
	if (page == 0)
		json_null(w);
	else
		json_text(w, arena_printf(c->arena, "%s%s?page=%lld%s", c->base_url,
				     c->endpoint->path, (long long)page, page_filters(c)));
}

static void position(struct json_writer *w, const char *key, bool empty, int64_t at)
{
	json_key(w, key);
	if (empty)
		json_null(w);
	else
		json_int(w, at);
}

static void link_to(struct json_writer *w, const struct ctx *c, const struct page *p, int64_t page,
	const char *label)
{
	json_object_begin(w);
	json_key(w, "url");
	page_url(w, c, page);
	json_key(w, "label");
	json_text(w, label);
	position(w, "page", page == 0, page);
	json_key(w, "active");
	json_flag(w, page == p->page);
	json_object_end(w);
}

static void links(struct json_writer *w, const struct ctx *c, const struct page *p,
	int64_t previous, int64_t next)
{
	json_key(w, "links");
	json_array_begin(w);
	link_to(w, c, p, previous, "&laquo; Previous");
	link_to(w, c, p, p->page, arena_printf(c->arena, "%lld", (long long)p->page));
	link_to(w, c, p, next, "Next &raquo;");
	json_array_end(w);
}

static void key_url(struct json_writer *w, const struct ctx *c, const char *key, int64_t page)
{
	json_key(w, key);
	page_url(w, c, page);
}

static void envelope(struct json_writer *w, const struct ctx *c, const struct page *p)
{
	int64_t last = p->total ? (p->total + p->per_page - 1) / p->per_page : 1;
	int64_t first_item = (p->page - 1) * p->per_page + 1;
	int64_t previous = p->page > 1 ? p->page - 1 : 0, next = p->page < last ? p->page + 1 : 0;

	json_object_begin(w);
	json_key(w, "current_page");
	json_int(w, p->page);
	json_key(w, "data");
	objects(w, c, p->items, p->n);
	key_url(w, c, "first_page_url", 1);
	position(w, "from", p->n == 0, first_item);
	json_key(w, "last_page");
	json_int(w, last);
	key_url(w, c, "last_page_url", last);
	links(w, c, p, previous, next);
	key_url(w, c, "next_page_url", next);
	json_key(w, "path");
	json_text(w, arena_printf(c->arena, "%s%s", c->base_url, c->endpoint->path));
	json_key(w, "per_page");
	json_int(w, p->per_page);
	key_url(w, c, "prev_page_url", previous);
	position(w, "to", p->n == 0, first_item + (int64_t)p->n - 1);
	json_key(w, "total");
	json_int(w, p->total);
	json_object_end(w);
}

static size_t size_of_out(const struct endpoint *e)
{
	switch (endpoint_result(e)) {
	case RESULT_LIST:
	case RESULT_MAP:
		return sizeof(struct rows);
	case RESULT_PAGE:
		return sizeof(struct page);
	case RESULT_COUNT:
	case RESULT_COUNT_IF_ANY:
		return sizeof(int64_t);
	case RESULT_TEXT:
	case RESULT_DICT:
	case RESULT_HTML:
		return sizeof(const char *);
	case RESULT_BYTES:
		return sizeof(struct str);
	case RESULT_JSON:
	case RESULT_ARRAY:
		return sizeof(struct json_writer);
	default:
		return e->out ? e->out->size : 0;
	}
}

void reply_begin(struct ctx *c)
{
	enum result r = endpoint_result(c->endpoint);
	size_t size = size_of_out(c->endpoint);

	buf_clear(c->reply.body);
	c->reply.content_type = NULL;
	c->out = size ? arena_alloc(c->arena, size) : NULL;
	if (r == RESULT_JSON || r == RESULT_ARRAY)
		json_writer_init(c->out, c->reply.body);
}

static void write_result(struct json_writer *w, const struct ctx *c)
{
	const struct rows *rows = c->out;

	switch (endpoint_result(c->endpoint)) {
	case RESULT_LIST:
		objects(w, c, rows->items, rows->n);
		break;
	case RESULT_MAP:
		object_of_objects(w, c, rows->items, rows->n);
		break;
	case RESULT_DICT:
		json_raw(w, *(const char *const *)c->out);
		break;
	case RESULT_PAGE:
		envelope(w, c, c->out);
		break;
	case RESULT_COUNT:
	case RESULT_COUNT_IF_ANY:
		json_int(w, *(const int64_t *)c->out);
		break;
	case RESULT_OBJECT:
	case RESULT_RAW:
		object(w, c, c->out);
		break;
	default: /* the handler wrote it */
		break;
	}
}

/* NULL: it is JSON. */
static const char *type_of_text(const struct ctx *c)
{
	const char *media = c->endpoint->media;

	switch (endpoint_result(c->endpoint)) {
	case RESULT_TEXT:
		return arena_printf(c->arena, "%s; charset=utf-8", media ? media : "text/plain");
	case RESULT_HTML:
		return PAGE_TYPE;
	default:
		return NULL;
	}
}

void reply_end(struct ctx *c)
{
	enum result r = endpoint_result(c->endpoint);
	const char *type = type_of_text(c);
	struct json_writer w;

	if (r == RESULT_NOTHING || c->reply.content_type)
		return;
	if (r == RESULT_COUNT_IF_ANY && *(const int64_t *)c->out == 0)
		return;
	if (type) {
		reply_raw(c, type, str_from(*(const char *const *)c->out));
		return;
	}
	if (r == RESULT_BYTES) {
		reply_raw(c, c->endpoint->media, *(const struct str *)c->out);
		return;
	}
	c->reply.content_type = json_type;
	json_writer_init(&w, c->reply.body);
	write_result(&w, c);
}
