#include "http/error_reply.h"

#include "base/json_writer.h"
#include "http/header.h"
#include "http/page.h"
#include "text/sentence.h"
#include "text/translation.h"

static const char problem_type[] = "application/problem+json";

static const char *told(const struct ctx *c, const struct refusal *r)
{
	return translation_of(c->request->language, r->key, r->text);
}

static const char *field_text(const struct ctx *c, const struct field_error *f)
{
	return sentence_of(c->arena, c->request->language, f);
}

/* The first complaint, and how many more there are. */
static const char *first_complaint(const struct ctx *c)
{
	static const struct text one_more = { "more_errors", "(and {n} more error)" };
	static const struct text many_more = { "more_errors", "(and {n} more errors)" };
	const char *first = field_text(c, c->errors.first);
	int64_t others = (int64_t)c->errors.count - 1;
	struct field_error more = { .text = others > 1 ? &many_more : &one_more, .n = others };

	return others ? arena_printf(c->arena, "%s %s", first, field_text(c, &more)) : first;
}

static const char *message_of(const struct ctx *c, const struct refusal *r)
{
	if (c->errors.count)
		return first_complaint(c);
	if (c->detail)
		return arena_printf(c->arena, "%s: %s", told(c, r), c->detail);
	return told(c, r);
}

static bool is_first_of_its_name(const struct ctx *c, const struct field_error *f)
{
	const struct field_error *g = c->errors.first;

	while (!str_is(str_from(g->name), f->name))
		g = g->next;
	return g == f;
}

static void errors_member(struct json_writer *w, const struct ctx *c)
{
	json_key(w, "errors");
	json_object_begin(w);
	for (const struct field_error *f = c->errors.first; f; f = f->next) {
		if (!is_first_of_its_name(c, f))
			continue;
		json_key(w, f->name);
		json_array_begin(w);
		for (const struct field_error *g = f; g; g = g->next)
			if (str_is(str_from(g->name), f->name))
				json_text(w, field_text(c, g));
		json_array_end(w);
	}
	json_object_end(w);
}

static void problem(struct json_writer *w, const struct ctx *c, const struct refusal *r)
{
	json_key(w, "type");
	json_text(w, arena_printf(c->arena, "urn:dialtone:error:%s", r->key));
	json_key(w, "title");
	json_text(w, told(c, r));
	json_key(w, "status");
	json_int(w, r->status);
	json_key(w, "detail");
	json_text(w, message_of(c, r));
	json_key(w, "request_id");
	json_text(w, c->request->id);
	if (c->errors.count)
		errors_member(w, c);
}

static void cti(struct json_writer *w, const struct ctx *c, const struct refusal *r)
{
	json_key(w, "code");
	json_int(w, r->status);
	json_key(w, "message");
	json_text(w, message_of(c, r));
	json_key(w, "data");
	if (!c->errors.count) {
		json_raw(w, c->data);
		return;
	}
	json_object_begin(w);
	errors_member(w, c);
	json_object_end(w);
}

static void accounts(struct json_writer *w, const struct ctx *c, const struct refusal *r)
{
	json_key(w, "message");
	json_text(w, message_of(c, r));
	if (c->errors.count)
		errors_member(w, c);
}

/* A status, and what went wrong on our side in a header line (cti-api 1.15). */
static void bare(struct ctx *c, const struct refusal *r)
{
	buf_clear(c->reply.body);
	c->reply.content_type = NULL;
	c->reply.status = r->status;
	if (c->reply.status >= 500)
		reply_header(c, "error", r->key);
}

static bool wants_page(const struct ctx *c)
{
	return c->endpoint && endpoint_result(c->endpoint) == RESULT_HTML &&
	       !header_accepts(c->request->accept, "application/json") &&
	       !header_accepts(c->request->accept, problem_type);
}

static void page(struct ctx *c, const struct refusal *r)
{
	const struct page_text text = { message_of(c, r), NULL, NULL };

	buf_clear(c->reply.body);
	reply_raw(c, PAGE_TYPE, str_from(page_html(c->arena, c->request->language, &text, NULL)));
	/* Of a space that has expired people are told with a status of its own (accounts-api 2.2). */
	c->reply.status = r == &err_table[ERR_SPACE_EXPIRED].told ? 490 : r->status;
}

void error_reply(struct ctx *c, const struct refusal *r)
{
	struct json_writer w;

	/* An outcome between layers that was not handled is our failure. */
	if (r->status == 0)
		r = &err_table[ERR_INTERNAL].told;
	if (c->bare) {
		bare(c, r);
		return;
	}
	if (wants_page(c)) {
		page(c, r);
		return;
	}
	buf_clear(c->reply.body);
	json_writer_init(&w, c->reply.body);
	json_object_begin(&w);
	c->reply.content_type = "application/json";
	if (header_accepts(c->request->accept, problem_type)) {
		c->reply.content_type = problem_type;
		problem(&w, c, r);
	} else if ((c->endpoint ? c->endpoint->family : c->family) == FAMILY_CTI) {
		cti(&w, c, r);
	} else {
		accounts(&w, c, r);
	}
	json_object_end(&w);
	c->reply.status = r->status;
}
