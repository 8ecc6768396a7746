#include "service/sip_request.h"

#include <string.h>

#include "base/buf.h"
#include "base/json_slice.h"
#include "base/json_writer.h"
#include "service/refusal.h"

#define PARAMS_MAX    ((size_t)56 << 10) /* a body of 8000 characters, escaped */
#define STATUS_MAX    699
#define RETRY_AFTER_S 1
#define BARE          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()+"

const struct refusal sip_server_away = { 503, "sip_server_away",
	"The SIP server does not answer; try again later." };

const char *sip_uri_of(struct arena *arena, const char *user, const char *domain)
{
	struct buf uri;
	const char *text;

	buf_init(&uri, strlen(user) * 3 + strlen(domain) + 8);
	buf_add_str(&uri, "sip:");
	for (const char *c = user; *c; c++)
		if (strchr(BARE, *c))
			buf_add_char(&uri, *c);
		else
			buf_printf(&uri, "%%%02X", (unsigned)(unsigned char)*c);
	buf_printf(&uri, "@%s", domain);
	text = arena_strndup(arena, uri.p, uri.n);
	buf_finish(&uri);
	return text;
}

bool sip_part_is_safe(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f || strchr("<>\"\\", *s))
			return false;
	return true;
}

enum err sip_server_is_away(struct service *s)
{
	s->retry_after_s = RETRY_AFTER_S;
	return refused(s, &sip_server_away);
}

enum err sip_order(struct service *s, const char *method, struct buf *params, int64_t until_ms,
	struct str *ret_result)
{
	const struct sip_rpc *rpc = &s->sip_rpc;
	enum err e = params->overflow ? ERR_LIMIT
				      : rpc->call(rpc->ctx, method, buf_str(params), until_ms,
						s->arena, ret_result);

	buf_finish(params);
	return e == ERR_UNAVAILABLE ? sip_server_is_away(s) : e;
}

/* As tm.t_uac_* takes it: "." is the socket of its choice. */
static void write_params(struct service *s, const struct sip_request *r, struct buf *out)
{
	struct json_writer w;

	buf_init(out, PARAMS_MAX);
	json_writer_init(&w, out);
	json_array_begin(&w);
	json_text(&w, r->method);
	json_text(&w, r->uri);
	json_text(&w, arena_printf(s->arena, "sip:%s", s->settings->kamailio_sip));
	json_text(&w, ".");
	json_text(
		&w, arena_printf(s->arena, "From: %s\r\nTo: %s\r\n%s", r->from, r->to, r->headers));
	json_text(&w, r->body);
	json_array_end(&w);
}

static enum err order(struct service *s, const char *how, const struct sip_request *r,
	int64_t until_ms, struct str *ret_result)
{
	struct buf params;
	enum err e;

	write_params(s, r, &params);
	e = sip_order(s, how, &params, until_ms, ret_result);
	/* It is no refusal of the other side, but of an order that a proxy should understand. */
	return e == ERR_CONFLICT || e == ERR_NOT_FOUND ? sip_server_is_away(s) : e;
}

enum err sip_request_send(
	struct service *s, const struct sip_request *r, int64_t until_ms, int64_t *ret_status)
{
	struct str result, code;
	uint64_t status;
	enum err e = order(s, "tm.t_uac_wait_block", r, until_ms, &result);

	if (e != ERR_OK)
		return e;
	if (!json_slice_member(result, "code", &code) ||
		!json_slice_uint(code, STATUS_MAX, &status))
		return sip_server_is_away(s);
	*ret_status = (int64_t)status;
	return ERR_OK;
}

enum err sip_request_begin(struct service *s, const struct sip_request *r, int64_t until_ms)
{
	return order(s, "tm.t_uac_start", r, until_ms, NULL);
}
