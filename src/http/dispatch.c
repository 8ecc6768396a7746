#include "http/dispatch.h"

#include "base/clock.h"
#include "base/http_status.h"
#include "base/log.h"
#include "http/bind.h"
#include "http/error_reply.h"
#include "http/header.h"
#include "http/json_in.h"
#include "http_priv.h"

#define BODY_MAX        (64u * 1024)
#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* some editors and consoles put it in front */

/* JSON whatever the label says in the CTI family; the accounts API goes by the label. */
static enum err body_media(const struct ctx *c, struct str body, enum media *ret)
{
	enum media m = header_media(c->request->content_type);
	bool looks_like_json = str_starts(str_trim(body), "{");

	if (m == MEDIA_NONE)
		m = MEDIA_JSON;
	if (c->endpoint->family == FAMILY_CTI &&
		!((c->endpoint->flags & ROW_FORM) && m == MEDIA_FORM && !looks_like_json))
		m = MEDIA_JSON;
	if (m == MEDIA_FORM && !(c->endpoint->flags & ROW_FORM))
		return ERR_UNSUPPORTED_TYPE;
	*ret = m;
	return m == MEDIA_JSON || m == MEDIA_FORM ? ERR_OK : ERR_UNSUPPORTED_TYPE;
}

/* We unpack nothing, and say so (accounts-api 1.3). */
static enum err check_encoding(struct ctx *c)
{
	struct str encoding = str_trim(c->request->content_encoding);

	if (encoding.n == 0 || str_case_is(encoding, "identity"))
		return ERR_OK;
	reply_header(c, "Accept-Encoding", "identity");
	return ERR_UNSUPPORTED_TYPE;
}

static enum err parse_body(struct ctx *c, struct str body, struct params *params)
{
	struct json_object *object;
	struct json_fault fault;
	enum media media;
	enum err e = body_media(c, body, &media);

	if (e != ERR_OK)
		return e;
	if (media == MEDIA_FORM)
		return params_add_form(params, FIELD_IN_BODY, body);
	e = json_in_object(c->arena, body, &object, &fault);
	if (e == ERR_BAD_JSON)
		c->detail = arena_printf(c->arena, "%s at byte %zu", fault.reason, fault.at);
	return e == ERR_OK ? params_add_json(params, object) : e;
}

static enum err read_input(struct ctx *c, struct params *params)
{
	const struct endpoint *row = c->endpoint;
	struct str body;
	enum err e = request_body(c->request, row->body_max ? row->body_max : BODY_MAX, &body);

	if (e == ERR_OK && !(row->flags & ROW_BODY_ONLY))
		e = params_add_form(params, FIELD_IN_QUERY, c->request->query);
	if (e != ERR_OK || !row->in)
		return e;
	str_cut_prefix(&body, BYTE_ORDER_MARK);
	if (str_trim(body).n)
		e = check_encoding(c);
	if (e == ERR_OK && str_trim(body).n)
		e = parse_body(c, body, params);
	if (e != ERR_OK)
		return e;
	void *in = arena_alloc(c->arena, row->in->size);

	c->in = in;
	return bind_fields(row->in->fields, params, &c->errors, in);
}

/* A value that is not acceptable names nothing that exists: it is told as missing (accounts-api 1.1). */
static void read_key(struct ctx *c, struct params *params)
{
	struct subject_key *key = arena_alloc(c->arena, sizeof(*key));
	struct field_errors ignored;

	field_errors_init(&ignored, c->arena);
	if (bind_fields(c->endpoint->subject->path, params, &ignored, key) != ERR_OK)
		*key = (struct subject_key){ 0 };
	c->key = key;
}

/* Each try begins with what binding left. */
static enum err run_handler(struct ctx *c)
{
	c->errors = c->bound_errors;
	if (c->errors.last)
		c->errors.last->next = NULL;
	c->reply.headers_n = c->bound_headers;
	c->reply.status = c->endpoint->status ? c->endpoint->status : 200;
	reply_begin(c);
	enum err e = c->endpoint->handle(c);

	if (e == ERR_OK && c->errors.count) {
		log_error("%s returned as if its errors were none", c->endpoint->name);
		return ERR_INTERNAL;
	}
	return e;
}

/* Done, and undone by the error it ends with: a cookie for what is gone again is not told either. */
static enum err rehearse(struct ctx *c)
{
	c->rehearsed = run_handler(c);
	if (c->rehearsed != ERR_OK)
		return c->rehearsed;
	c->reply.headers_n = c->bound_headers;
	return ERR_LIMIT;
}

/* HEAD answers as GET would and changes nothing (RFC 9110, 9.2.1). */
static enum err run_head(const struct dispatch *d, struct ctx *c)
{
	c->rehearsed = ERR_UNAVAILABLE;
	enum err e = d->transaction(c, rehearse);

	return c->rehearsed == ERR_OK ? ERR_OK : e;
}

static bool is_head_of_action(const struct ctx *c)
{
	return c->request->method == METHOD_HEAD && c->endpoint->flags & ROW_SIDE_EFFECT;
}

/* Outside a transaction the database gave up one statement for another: the caller may try again. */
static enum err run_alone(struct ctx *c)
{
	enum err e = run_handler(c);

	return e == ERR_RETRY ? ERR_UNAVAILABLE : e;
}

static enum err run_row(const struct dispatch *d, struct ctx *c)
{
	c->bound_errors = c->errors;
	c->bound_headers = c->reply.headers_n;
	enum err e = is_head_of_action(c)  ? run_head(d, c)
		     : c->endpoint->writes ? d->transaction(c, run_handler)
					   : run_alone(c);

	if (e == ERR_OK)
		reply_end(c);
	return e;
}

static enum err run_instead(struct ctx *c)
{
	c->reply.status = c->endpoint->status ? c->endpoint->status : 200;
	reply_begin(c);
	enum err e = c->endpoint->instead(c);

	if (e == ERR_OK)
		reply_end(c);
	return e;
}

static enum err answer(const struct dispatch *d, struct ctx *c, struct params *params)
{
	const struct endpoint *row = c->endpoint;
	enum err e = d->gate(c);

	if (e == ERR_OK && row->condition)
		e = row->condition(c);
	if (e == ERR_OK)
		e = read_input(c, params);
	if (e == ERR_INVALID && row->flags & ROW_ON_BAD_FIELDS)
		e = ERR_OK;
	if (e == ERR_OK)
		e = run_row(d, c);
	return e == ERR_UNAVAILABLE && row->instead ? run_instead(c) : e;
}

static enum err route(const struct dispatch *d, struct ctx *c, struct params *params)
{
	struct buf allow;
	enum err e;

	e = d->enter(c);
	if (e != ERR_OK || c->answered)
		return e;
	if (c->request->fault != ERR_OK)
		return c->request->fault;
	e = router_find(d->router, c->request, params, &c->endpoint);
	if (e != ERR_METHOD_NOT_ALLOWED)
		return e;
	buf_init(&allow, 256);
	router_allow(d->router, c->request, &allow);
	reply_header(c, "Allow", arena_strdup(c->arena, allow.p));
	buf_finish(&allow);
	return e;
}

/* What the row wants its failures to be called; NULL: what they are called anyway. */
static const struct refusal *renamed(const struct ctx *c, enum err e)
{
	const struct endpoint *row = c->endpoint;
	bool bad_input = e == ERR_INVALID || e == ERR_BAD_JSON || e == ERR_BAD_REQUEST;

	if (row && bad_input)
		return row->invalid_as;
	return row && e == ERR_UNAVAILABLE ? row->unavailable_as : NULL;
}

static void add_retry_after(const struct dispatch *d, struct ctx *c, int status)
{
	int64_t seconds = d->retry_after ? d->retry_after(c) : 0;

	if (seconds == 0 && (status == 503 || status == 429))
		seconds = 1;
	if (seconds)
		reply_header(c, "Retry-After", arena_printf(c->arena, "%lld", (long long)seconds));
}

/* meaning: of the error, where the row has no name for it. */
static void fail(const struct dispatch *d, struct ctx *c, enum err e, const struct refusal *meaning)
{
	const struct refusal *named = renamed(c, e), *told = named ? named : meaning;

	/* Field errors and details belong to the error they were found with. */
	if (named || e != ERR_INVALID)
		field_errors_init(&c->errors, c->arena);
	if (named)
		c->detail = NULL;
	if (told->status == 401)
		d->challenge(c, e);
	add_retry_after(d, c, told->status);
	error_reply(c, told);
}

static void add_header(struct buf *out, const char *name, const char *value)
{
	buf_add_str(out, name);
	buf_add_str(out, ": ");
	buf_add_str(out, value);
	buf_add_str(out, "\r\n");
}

static void add_number(struct buf *out, const char *name, size_t value)
{
	buf_add_str(out, name);
	buf_add_int(out, (int64_t)value);
	buf_add_str(out, "\r\n");
}

static void add_status(struct buf *out, int status)
{
	buf_add_str(out, "Status: ");
	buf_add_int(out, status);
	buf_add_str(out, " ");
	buf_add_str(out, http_status_reason(status));
	buf_add_str(out, "\r\n");
}

static void compose(const struct ctx *c, struct buf *out)
{
	const struct reply *r = &c->reply;

	add_status(out, r->status);
	if (r->content_type)
		add_header(out, "Content-Type", r->content_type);
	/* RFC 9110, 8.6: a 204 has no length. */
	if (r->status != 204)
		add_number(out, "Content-Length: ", r->content_type ? r->body->n : 0);
	add_header(out, "X-Request-Id", c->request->id);
	add_header(out, "Cache-Control", "no-store");
	for (size_t i = 0; i < r->headers_n; i++)
		add_header(out, r->headers[i].name, r->headers[i].value);
	buf_add_str(out, "\r\n");
	if (r->content_type)
		buf_add(out, r->body->p, r->body->n);
}

static void log_request(const struct dispatch *d, const struct ctx *c, int64_t started_us)
{
	const struct endpoint *row = c->endpoint;

	if (!log_line_begin(LOG_LEVEL_INFO, "request"))
		return;
	log_line_str("method", str_from(method_name(c->request->method)));
	log_line_str("route", str_from(row ? row->path : "-"));
	log_line_int("status", c->reply.status);
	log_line_int("us", clock_wall_us() - started_us);
	log_line_int("bytes", (int64_t)c->reply.body->n);
	log_line_str("ip", c->request->remote_addr);
	d->add_who(c);
	log_line_end();
}

/* A request on its way, in its own arena. */
struct run {
	struct ctx c;
	struct params params;
	int64_t started_us, spent_us;
	/* Of the first step, and what it means: others may be refused before it is told. */
	enum err e;
	const struct refusal *meaning;
};

static enum fcgi_begun kind_of(const struct dispatch *d, const struct run *run)
{
	if (run->e != ERR_OK || run->c.answered || d->is_for_all(&run->c))
		return FCGI_AT_ONCE;
	return d->can_be_ahead(&run->c) ? FCGI_TOGETHER : FCGI_ALONE;
}

enum fcgi_begun dispatch_begin(void *dispatch, struct request *r, void **ret_begun)
{
	const struct dispatch *d = dispatch;
	struct run *run = arena_alloc(r->arena, sizeof(*run));
	struct ctx *c = &run->c;

	*c = (struct ctx){ .arena = r->arena,
		.request = r,
		.app = d->app,
		.document = d->document,
		.events = d->events,
		.reply = { .status = 200, .body = d->body } };
	run->started_us = clock_wall_us();
	log_set_request(r->id);
	field_errors_init(&c->errors, r->arena);
	params_init(&run->params, r->arena);
	run->params.changes = &c->changes;
	d->start(c);
	run->e = route(d, c, &run->params);
	log_set_request(NULL);
	*ret_begun = run;
	if (run->e != ERR_OK)
		run->meaning = d->refusal(c, run->e);
	else if (!c->answered && c->endpoint->subject)
		read_key(c, &run->params);
	run->spent_us = clock_wall_us() - run->started_us;
	return kind_of(d, run);
}

void dispatch_ask(void *dispatch, void *const *begun, size_t n)
{
	const struct dispatch *d = dispatch;
	const int64_t from_us = clock_wall_us();

	for (size_t i = 0; i < n; i++) {
		struct run *run = begun[i];

		log_set_request(run->c.request->id);
		d->take_up(&run->c);
		d->ahead(&run->c);
	}
	log_set_request(NULL);
	d->ask_ahead(d->app);
	for (size_t i = 0; i < n; i++)
		((struct run *)begun[i])->spent_us += (clock_wall_us() - from_us) / (int64_t)n;
}

void dispatch_forget(void *dispatch)
{
	const struct dispatch *d = dispatch;

	d->forget_ahead(d->app);
}

void dispatch_finish(void *dispatch, void *begun, struct buf *out)
{
	const struct dispatch *d = dispatch;
	struct run *run = begun;
	struct ctx *c = &run->c;
	enum err e = run->e;
	const int64_t from_us = clock_wall_us();

	log_set_request(c->request->id);
	d->take_up(c);
	if (e == ERR_OK && !c->answered)
		e = answer(d, c, &run->params);
	if (e == ERR_OK && d->body->overflow)
		e = ERR_INTERNAL;
	if (e != ERR_OK)
		fail(d, c, e, e == run->e ? run->meaning : d->refusal(c, e));
	const int64_t now_us = clock_wall_us();

	d->leave(c, now_us - run->started_us, run->spent_us + now_us - from_us);
	compose(c, out);
	log_request(d, c, run->started_us);
	buf_wipe(d->body);
	log_set_request(NULL);
}
