#include "request.h"

#include <string.h>

#include "base/mem.h"
#include "relay/server/cors.h"
#include "relay/ws/upgrade.h"
#include "address.h"
#include "exchange.h"
#include "polling.h"
#include "refused.h"
#include "websocket.h"

#define REQUEST_ANSWER_MAX 2048
#define REQUEST_LINES_MAX  1024

struct parameters {
	char transport[16], version[4], sid[40], base64[4];
};

/* A request, taken apart. */
struct request {
	const struct http_head *head;
	const struct server_path *path;
	const struct sio_kind *kind;
	struct parameters texts;
	struct eio_request eio;
	struct eio_opening opening;
};

static const struct server_path *path_find(
	const struct server *server, struct str path, const struct sio_kind **ret_kind)
{
	if (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	for (size_t i = 0; server->settings->paths[i].path; i++)
		if (str_is(path, server->settings->paths[i].path)) {
			*ret_kind = &server->kinds[i];
			return &server->settings->paths[i];
		}
	return NULL;
}

static const char *query_parameter(
	const struct http_head *head, const char *name, char *out, size_t cap)
{
	return http_query_get(head->query, name, out, cap) ? out : NULL;
}

static void read_parameters(struct request *r)
{
	const struct http_head *head = r->head;
	struct parameters *p = &r->texts;

	r->eio = (struct eio_request){
		.transport = query_parameter(head, "transport", p->transport, sizeof(p->transport)),
		.version = query_parameter(head, "EIO", p->version, sizeof(p->version)),
		.sid = query_parameter(head, "sid", p->sid, sizeof(p->sid)),
		.malformed = http_query_has(head->query, "j") || head->bad_origin,
		.is_get = str_is(head->method, "GET"),
		.asks_upgrade = upgrade_is_asked(head),
	};
	if (r->path && !http_query_has(head->query, "EIO"))
		r->eio.version = r->path->version;
	/* One that cannot be read names no session; it does not open one either. */
	if (!r->eio.sid && http_query_has(head->query, "sid"))
		r->eio.sid = "";
}

/* The proxy puts the address it was called from at the end. */
static struct str address_of(const struct http_head *head)
{
	struct str all = head->forwarded_for;
	size_t at = all.n;

	while (at > 0 && all.p[at - 1] != ',')
		at--;
	return all.p ? str_trim((struct str){ all.p + at, all.n - at }) : all;
}

/* Why there is no room for one more session; REASON_COUNT: there is. */
static enum reason check_room(struct server *server, const char *network)
{
	const struct server_settings *s = server->settings;
	enum reason reason = address_refusal(server, network);

	if (reason != REASON_COUNT)
		return reason;
	if (server->closing)
		return REASON_DRAINING;
	if (server->counters.connections > s->max_connections ||
		server->counters.sessions >= s->max_connections)
		return REASON_FULL;
	return pace_take(&server->handshakes, &s->handshakes, loop_now(server->loop))
		       ? REASON_COUNT
		       : REASON_HANDSHAKES;
}

static enum eio_refusal check_opening(const struct server *server, struct request *r)
{
	enum eio_refusal refusal = eio_opening_check(
		&r->eio, server->settings->transports, server->settings->versions, &r->opening);

	if (refusal != EIO_ACCEPTED)
		return refusal;
	if (r->opening.transport == EIO_WEBSOCKET && !upgrade_is_valid(r->head))
		return EIO_BAD_REQUEST;
	if (!cors_is_allowed(r->head, server->settings))
		return EIO_FORBIDDEN;
	return EIO_ACCEPTED;
}

static void open_websocket(
	struct conn *c, const struct request *r, const struct peer_opening *opening)
{
	struct buf out;

	buf_init(&out, REQUEST_ANSWER_MAX);
	upgrade_answer_put(&out, r->head, r->path->headers);
	websocket_open(c, opening, &out);
	buf_finish(&out);
}

static bool wants_base64(struct request *r)
{
	const char *b64 = query_parameter(r->head, "b64", r->texts.base64, sizeof(r->texts.base64));

	return http_query_has(r->head->query, "b64") && (!b64 || strcmp(b64, "0") != 0);
}

static void open_session(struct conn *c, struct request *r)
{
	char network[NETWORK_SIZE];
	enum eio_refusal refusal = check_opening(c->server, r);
	const struct peer_opening opening = { r->kind, r->opening.version,
		strcpy(network, c->exchange->network) };
	enum reason reason;

	if (refusal != EIO_ACCEPTED) {
		exchange_refuse_code(c, refusal);
		return;
	}
	reason = check_room(c->server, network);
	if (reason != REASON_COUNT)
		exchange_refuse(c, reason);
	else if (r->opening.transport == EIO_WEBSOCKET)
		open_websocket(c, r, &opening);
	else
		polling_open(c, &opening, wants_base64(r));
}

/* Another relay's sessions are told by the beginning of their names. */
static struct peer *session_find(struct server *server, const char *sid)
{
	struct peer *peer;

	if (strncmp(sid, server->settings->id, strlen(server->settings->id)) != 0)
		return NULL;
	peer = map_get(server->sids, str_from(sid));
	if (peer)
		peer_catch_up(peer);
	return peer && peer->state != PEER_DEAD ? peer : NULL;
}

static void upgrade_session(struct conn *c, const struct request *r, struct peer *peer)
{
	const struct http_head *head = r->head;

	if (!upgrade_is_valid(head))
		exchange_refuse_code(c, EIO_BAD_REQUEST);
	else if (!cors_is_allowed(head, c->server->settings))
		exchange_refuse_code(c, EIO_FORBIDDEN);
	else
		polling_on_upgrade(peer, c, head);
}

static void use_session(struct conn *c, struct request *r)
{
	const struct server_settings *s = c->server->settings;
	enum eio_refusal refusal =
		eio_request_check(&r->eio, s->transports, s->versions, &r->opening);
	struct peer *peer = NULL;

	if (refusal == EIO_ACCEPTED) {
		peer = session_find(c->server, r->eio.sid);
		refusal = !peer              ? EIO_SID_UNKNOWN
			  : r->eio.malformed ? EIO_BAD_REQUEST
					     : EIO_ACCEPTED;
	}
	if (refusal != EIO_ACCEPTED)
		exchange_refuse_code(c, refusal);
	else if (r->opening.transport == EIO_WEBSOCKET)
		upgrade_session(c, r, peer);
	else if (peer->conn)
		exchange_refuse_code(c, EIO_BAD_REQUEST);
	else if (r->eio.is_get)
		polling_on_get(peer, c);
	else if (str_is(r->head->method, "POST"))
		polling_on_post(peer, c, r->head);
	else
		exchange_refuse(c, REASON_METHOD);
}

static void answer_preflight(struct conn *c, const struct http_head *head)
{
	struct http_answer a = { .status = 204 };
	struct buf lines;

	buf_init(&lines, REQUEST_LINES_MAX);
	if (c->exchange->cors)
		cors_preflight_put(&lines, head, c->server->settings);
	a.headers = lines.p;
	exchange_answer(c, &a);
	buf_finish(&lines);
}

static void answer_gone(struct conn *c, const struct server_path *path)
{
	struct http_answer a = {
		.status = 410, .type = "application/json", .body = str_from(path->gone)
	};

	refused_note(c->server, REASON_LEGACY, c->exchange->network);
	exchange_answer(c, &a);
}

/* What every answer to this request has. A body that will not be read ends the connection. */
static void prepare_answer(struct conn *c, const struct request *r)
{
	const struct http_head *head = r->head;
	struct exchange *x = exchange_get(c);
	struct buf lines;

	x->headers = r->path ? r->path->headers : NULL;
	network_of(x->network, address_of(head));
	x->is_head = str_is(head->method, "HEAD");
	x->upgrade = r->eio.asks_upgrade;
	x->close = !head->keep_alive || head->content_length > 0 || head->chunked ||
		   head->bad_origin || x->upgrade;
	buf_init(&lines, REQUEST_LINES_MAX);
	cors_put(&lines, head, c->server->settings);
	x->cors = lines.n ? mem_strndup(lines.p, lines.n) : NULL;
	buf_finish(&lines);
}

void request_serve(struct conn *c, const struct http_head *head)
{
	struct request r = { .head = head };

	r.path = path_find(c->server, head->path, &r.kind);
	read_parameters(&r);
	prepare_answer(c, &r);
	if (!r.path)
		exchange_refuse(c, REASON_PATH);
	else if (str_is(head->method, "OPTIONS"))
		answer_preflight(c, head);
	else if (r.path->gone && !r.eio.asks_upgrade)
		answer_gone(c, r.path);
	else if (r.eio.sid)
		use_session(c, &r);
	else
		open_session(c, &r);
}
