#include <string.h>

#include "link_priv.h"
#include "relay/link/origin.h"
#include "relay/ws/http_answer.h"
#include "relay/ws/upgrade.h"

#define REQUEST_ANSWER_MAX 2048

static void answer(struct conn *c, struct http_answer *a)
{
	struct buf out;

	buf_init(&out, REQUEST_ANSWER_MAX);
	a->close = true;
	http_answer_put(&out, a);
	conn_send_bytes(c, buf_str(&out));
	buf_finish(&out);
	conn_end(c);
}

void request_refuse(struct conn *c, int status)
{
	struct http_answer a = { .status = status };

	if (status == 503)
		a.headers = "Retry-After: 5\r\n";
	answer(c, &a);
}

static void refuse_opening(struct conn *c, enum eio_refusal refusal)
{
	struct http_answer a = { .status = eio_refusal_status(refusal),
		.type = "application/json" };
	struct buf body;

	buf_init(&body, 256);
	eio_refusal_put(&body, refusal);
	a.body = buf_str(&body);
	answer(c, &a);
	buf_finish(&body);
}

static bool path_is_served(const struct link_host *h, struct str path)
{
	if (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	for (const char *const *p = h->settings->paths; *p; p++)
		if (str_is(path, *p))
			return true;
	return false;
}

struct parameters {
	char transport[16], version[4], sid[40], jsonp[8];
};

static const char *parameter(const struct http_head *head, const char *name, char *out, size_t cap)
{
	return http_query_get(head->query, name, out, cap) ? out : NULL;
}

static struct eio_request request_of(const struct http_head *head, struct parameters *p)
{
	return (struct eio_request){
		.transport = parameter(head, "transport", p->transport, sizeof(p->transport)),
		.version = parameter(head, "EIO", p->version, sizeof(p->version)),
		.sid = parameter(head, "sid", p->sid, sizeof(p->sid)),
		.jsonp = parameter(head, "j", p->jsonp, sizeof(p->jsonp)) != NULL,
		.is_get = str_is(head->method, "GET"),
		.asks_upgrade = upgrade_is_asked(head),
	};
}

static enum eio_refusal check_opening(
	const struct link_host *h, const struct http_head *head, struct eio_opening *ret)
{
	struct parameters p;
	struct eio_request request = request_of(head, &p);
	enum eio_refusal refusal =
		eio_opening_check(&request, h->settings->transports, h->settings->versions, ret);

	if (request.sid && refusal != EIO_TRANSPORT_UNKNOWN && refusal != EIO_BAD_VERSION)
		return EIO_SID_UNKNOWN;
	if (refusal != EIO_ACCEPTED)
		return refusal;
	if (ret->transport == EIO_WEBSOCKET && !upgrade_is_valid(head))
		return EIO_BAD_REQUEST;
	if (!origin_is_allowed(head->origin, head->host, h->settings->allowed_origins))
		return EIO_FORBIDDEN;
	return EIO_ACCEPTED;
}

static void open_websocket(
	struct conn *c, const struct http_head *head, const struct eio_opening *opening)
{
	struct buf out;

	buf_init(&out, REQUEST_ANSWER_MAX);
	upgrade_answer_put(&out, head);
	link_open(c, opening->version, &out);
	buf_finish(&out);
}

void request_serve(struct conn *c, const struct http_head *head)
{
	struct link_host *h = c->host;
	struct eio_opening opening = { 0 };
	enum eio_refusal refusal;

	if (!path_is_served(h, head->path)) {
		request_refuse(c, 404);
		return;
	}
	refusal = check_opening(h, head, &opening);
	if (refusal != EIO_ACCEPTED)
		refuse_opening(c, refusal);
	else if (h->closing || h->count > h->settings->max_connections)
		request_refuse(c, 503);
	else
		open_websocket(c, head, &opening);
}
