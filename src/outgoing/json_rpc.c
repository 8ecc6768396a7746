#include "outgoing/json_rpc.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_scan.h"
#include "base/json_slice.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/mem.h"
#include "outgoing/http_client.h"

#define CALL_MAX   65536 /* bytes */
#define ANSWER_MAX ((size_t)1 << 20)
#define HOST_MAX   256
#define SAID_MAX   128 /* bytes of what a server says that are logged */
#define CODE_MAX   1000000
#define NOT_FOUND  404

struct json_rpc_client {
	const char *url;
	struct outgoing_settings settings;
	char host[HOST_MAX];
	struct http_client *http;
};

/* Without its port. */
static void name_host(struct json_rpc_client *c)
{
	struct str rest = str_from(c->url), host;

	str_split(&rest, ':');
	while (rest.p && str_cut_prefix(&rest, "/"))
		;
	host = str_split(&rest, '/');
	rest = host;
	if (str_cut_prefix(&rest, "["))
		host = str_split(&rest, ']');
	else
		host = str_split(&host, ':');
	if (host.p && host.n < sizeof(c->host))
		memcpy(c->host, host.p, host.n);
}

struct json_rpc_client *json_rpc_new(const char *url)
{
	struct json_rpc_client *c;

	if (!*url)
		return NULL;
	c = mem_alloc(sizeof(*c));
	c->url = url;
	name_host(c);
	c->settings = (struct outgoing_settings){ .private_places = c->host, .ca_file = "" };
	c->http = http_client_new(&c->settings);
	if (!c->http)
		json_rpc_free(&c);
	return c;
}

void json_rpc_free(struct json_rpc_client **c)
{
	if (!*c)
		return;
	http_client_free(&(*c)->http);
	free(*c);
	*c = NULL;
}

static enum err unknown(const char *method, const char *why)
{
	log_warn("JSON-RPC %s: %s", method, why);
	return ERR_UNAVAILABLE;
}

/* The server's own words, as far as they are harmless in a log. */
static enum err refusal(const char *method, struct str error)
{
	char said[SAID_MAX] = "", quoted[2 * SAID_MAX + 3];
	struct str member;
	uint64_t code = 0;
	size_t n;

	if (json_slice_member(error, "code", &member))
		(void)json_slice_uint(member, CODE_MAX, &code);
	if (code == NOT_FOUND)
		return ERR_NOT_FOUND;
	if (json_slice_member(error, "message", &member))
		(void)json_slice_text(member, said, sizeof(said), &n);
	log_warn("JSON-RPC %s was refused: %s", method,
		log_quote(quoted, sizeof(quoted), str_from(said)));
	return ERR_CONFLICT;
}

static enum err read_answer(
	const char *method, struct str body, struct arena *arena, struct str *ret_result)
{
	const struct str text = str_trim(body);
	struct str member;

	if (!json_slice_is_valid(text) || json_slice_kind(text) != JSON_OBJECT)
		return unknown(method, "the answer is no JSON object");
	if (json_slice_member(text, "error", &member) && json_slice_kind(member) == JSON_OBJECT)
		return refusal(method, member);
	if (!json_slice_member(text, "result", &member))
		return unknown(method, "the answer has no result");
	if (ret_result)
		*ret_result = (struct str){ arena_strndup(arena, member.p, member.n), member.n };
	return ERR_OK;
}

static void write_call(struct buf *out, const char *method, const char *params)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_begin(&w);
	json_key(&w, "jsonrpc");
	json_text(&w, "2.0");
	json_key(&w, "method");
	json_text(&w, method);
	json_key(&w, "params");
	json_raw(&w, params);
	json_key(&w, "id");
	json_int(&w, 1);
	json_object_end(&w);
}

static const char *const headers[] = { "Content-Type: application/json", NULL };

enum err json_rpc_call(struct json_rpc_client *client, const char *method, struct str params,
	int64_t until_ms, struct arena *arena, struct str *ret_result)
{
	struct http_call call = {
		.headers = headers, .timeout_ms = until_ms - clock_ms(), .answer_max = ANSWER_MAX
	};
	struct http_answer answer;
	struct buf text;
	enum err e;

	if (!client)
		return unknown(method, "there is no address for it");
	if (call.timeout_ms <= 0)
		return unknown(method, "there is no time left");
	buf_init(&text, CALL_MAX);
	write_call(&text, method, arena_strndup(arena, params.p, params.n));
	call.url = client->url;
	call.body = buf_str(&text);
	e = text.overflow ? ERR_LIMIT : http_client_send(client->http, &call, arena, &answer);
	buf_finish(&text);
	if (e != ERR_OK)
		return unknown(method, e == ERR_LIMIT ? "too much" : http_client_why(client->http));
	return read_answer(method, answer.body, arena, ret_result);
}

/* A call beside others. */
struct started {
	struct json_rpc_call call;
	struct buf text;
};

static void on_answer(void *arg, enum err e, const struct http_answer *answer, const char *why)
{
	struct started *s = arg;
	const struct json_rpc_call *call = &s->call;
	struct str result = { 0 };

	if (e == ERR_OK)
		e = read_answer(call->method, answer->body, call->arena, &result);
	else
		e = unknown(call->method, why);
	call->done(call->arg, e, result);
}

static void finish_text(void *arg)
{
	buf_finish(arg);
}

void json_rpc_start(struct json_rpc_client *client, struct transfers *transfers,
	const struct json_rpc_call *call)
{
	struct started *s = arena_alloc(call->arena, sizeof(*s));
	struct http_call http = {
		.headers = headers, .timeout_ms = call->timeout_ms, .answer_max = call->answer_max
	};

	if (!client) {
		call->done(call->arg, unknown(call->method, "there is no address for it"),
			(struct str){ 0 });
		return;
	}
	s->call = *call;
	buf_init(&s->text, CALL_MAX);
	arena_defer(call->arena, finish_text, &s->text);
	write_call(
		&s->text, call->method, arena_strndup(call->arena, call->params.p, call->params.n));
	http.url = client->url;
	http.body = buf_str(&s->text);
	http_start(transfers, &client->settings, &http, call->arena, on_answer, s);
}
