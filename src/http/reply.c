/* The answers of http/ctx.h. */
#include "http/ctx.h"

#include <assert.h>

#include "base/json_writer.h"

static const char json_type[] = "application/json";

void reply_header(struct ctx *c, const char *name, const char *value)
{
	assert(c->reply.headers_n < REPLY_HEADERS_MAX);
	c->reply.headers[c->reply.headers_n++] = (struct reply_header){ name, value };
}

enum err reply_nothing(struct ctx *c)
{
	c->reply.content_type = NULL;
	return ERR_OK;
}

static void object(struct json_writer *w, const struct ctx *c, const void *o)
{
	json_object_begin(w);
	json_fields(w, c->endpoint->out->fields, o, c->endpoint->reader);
	json_object_end(w);
}

enum err reply_object(struct ctx *c, const void *o)
{
	struct json_writer w;

	json_writer_init(&w, c->reply.body);
	object(&w, c, o);
	c->reply.content_type = json_type;
	return ERR_OK;
}

enum err reply_list(struct ctx *c, const void *items, size_t count)
{
	const char *at = items;
	struct json_writer w;

	json_writer_init(&w, c->reply.body);
	json_array_begin(&w);
	for (size_t i = 0; i < count; i++)
		object(&w, c, at + i * c->endpoint->out->size);
	json_array_end(&w);
	c->reply.content_type = json_type;
	return ERR_OK;
}

enum err reply_count(struct ctx *c, int64_t n)
{
	struct json_writer w;

	json_writer_init(&w, c->reply.body);
	json_int(&w, n);
	c->reply.content_type = json_type;
	return ERR_OK;
}

enum err reply_text(struct ctx *c, const char *text)
{
	buf_add_str(c->reply.body, text);
	c->reply.content_type = "text/plain; charset=utf-8";
	return ERR_OK;
}

enum err reply_json(struct ctx *c, struct str json)
{
	buf_add(c->reply.body, json.p, json.n);
	c->reply.content_type = json_type;
	return ERR_OK;
}

/* page 0: no such page. */
static void page_url(struct json_writer *w, const struct ctx *c, const char *base, int64_t page)
{
	if (page == 0)
		json_null(w);
	else
		json_text(w, arena_printf(c->arena, "%s%s?page=%lld", base, c->endpoint->path,
				     (long long)page));
}

static void link_to(struct json_writer *w, const struct ctx *c, const struct reply_page *p,
	int64_t page, const char *label)
{
	json_object_begin(w);
	json_key(w, "url");
	page_url(w, c, p->base_url, page);
	json_key(w, "label");
	json_text(w, label);
	json_key(w, "active");
	json_flag(w, page == p->page);
	json_object_end(w);
}

static void links(struct json_writer *w, const struct ctx *c, const struct reply_page *p,
	int64_t previous, int64_t next)
{
	json_key(w, "links");
	json_array_begin(w);
	link_to(w, c, p, previous, "&laquo; Previous");
	link_to(w, c, p, p->page, arena_printf(c->arena, "%lld", (long long)p->page));
	link_to(w, c, p, next, "Next &raquo;");
	json_array_end(w);
}

static void position(struct json_writer *w, const char *key, bool empty, int64_t at)
{
	json_key(w, key);
	if (empty)
		json_null(w);
	else
		json_int(w, at);
}

static void key_url(struct json_writer *w, const struct ctx *c, const struct reply_page *p,
	const char *key, int64_t page)
{
	json_key(w, key);
	page_url(w, c, p->base_url, page);
}

enum err reply_page(struct ctx *c, const struct reply_page *p)
{
	int64_t last = p->total ? (p->total + p->per_page - 1) / p->per_page : 1;
	int64_t first_item = (p->page - 1) * p->per_page + 1;
	int64_t previous = p->page > 1 ? p->page - 1 : 0, next = p->page < last ? p->page + 1 : 0;
	const char *items = p->items;
	struct json_writer w;

	json_writer_init(&w, c->reply.body);
	json_object_begin(&w);
	json_key(&w, "current_page");
	json_int(&w, p->page);
	json_key(&w, "data");
	json_array_begin(&w);
	for (size_t i = 0; i < p->count; i++)
		object(&w, c, items + i * c->endpoint->out->size);
	json_array_end(&w);
	key_url(&w, c, p, "first_page_url", 1);
	position(&w, "from", p->count == 0, first_item);
	json_key(&w, "last_page");
	json_int(&w, last);
	key_url(&w, c, p, "last_page_url", last);
	links(&w, c, p, previous, next);
	key_url(&w, c, p, "next_page_url", next);
	json_key(&w, "path");
	json_text(&w, arena_printf(c->arena, "%s%s", p->base_url, c->endpoint->path));
	json_key(&w, "per_page");
	json_int(&w, p->per_page);
	key_url(&w, c, p, "prev_page_url", previous);
	position(&w, "to", p->count == 0, first_item + (int64_t)p->count - 1);
	json_key(&w, "total");
	json_int(&w, p->total);
	json_object_end(&w);
	c->reply.content_type = json_type;
	return ERR_OK;
}
