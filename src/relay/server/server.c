#include "relay/server/server.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "address.h"
#include "conn.h"
#include "exchange.h"
#include "peer.h"
#include "polling.h"
#include "refused.h"
#include "request.h"
#include "server_priv.h"

#define QUEUES_MAX      32
#define RELIEF_PER_TURN 64

/* The kinds of deadlines a client can have. */
struct queue_row {
	struct deadline_queue *queue;
	deadline_fn *fn;
};

/* The client with the longest queue goes first. */
static bool relieve_memory(struct server *server)
{
	struct conn *slow = NULL;
	struct polling *idle = NULL;
	size_t most = 0;

	LIST_FOR_EACH(c, &server->conns, struct conn, all)
		if (sock_waiting(&c->sock) > most) {
			most = sock_waiting(&c->sock);
			slow = c;
		}
	LIST_FOR_EACH(p, &server->pollings, struct polling, all)
		if (frame_queue_bytes(p->queue) > most) {
			most = frame_queue_bytes(p->queue);
			idle = p;
		}
	if (!idle && !slow)
		return false;
	server->counters.slow++;
	refused_note(server, REASON_QUEUED, idle ? address_network(idle->peer->address) : "");
	if (idle)
		peer_end(idle->peer, WS_CLOSE_TRY_LATER, PEER_BROKE, CLOSE_QUEUED);
	else
		conn_close_full(slow, CLOSE_QUEUED);
	return true;
}

static void on_relief(struct deadline *d, int64_t now_ms)
{
	struct server *server = LIST_ENTRY(d, struct server, relief);
	const struct frame_tally *frames = loop_frames(server->loop);

	(void)now_ms;
	for (int i = 0; i < RELIEF_PER_TURN && frames->bytes > server->settings->max_queued; i++)
		if (!relieve_memory(server))
			return;
}

static size_t queue_rows(struct server *server, struct queue_row rows[static QUEUES_MAX])
{
	const struct queue_row fixed[] = {
		{ &server->heads, exchange_on_deadline },
		{ &server->bodies, exchange_on_deadline },
		{ &server->idles, conn_on_deadline },
		{ &server->resumes, exchange_on_resume },
		{ &server->stalls, conn_on_stall },
		{ &server->pauses, conn_on_pause },
		{ &server->upgrades, conn_on_upgrade_deadline },
		{ &server->lingers, conn_on_deadline },
		{ &server->poll_stalls, polling_on_stall_deadline },
		{ &server->poll_lingers, polling_on_linger_deadline },
		{ &server->logins, peer_on_login_deadline },
		{ &server->rests, address_on_rest },
		{ &server->slices, conn_on_slice },
		{ &server->reliefs, on_relief },
	};
	/* What another deadline ended is told to polls and buried in the same turn. */
	const struct queue_row last[] = {
		{ &server->polls, polling_on_turn_end },
		{ &server->dead_peers, peer_bury },
		{ &server->dead_conns, conn_bury },
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		rows[n++] = fixed[i];
	for (size_t i = 0; i < EIO_TIMERS; i++)
		rows[n++] = (struct queue_row){ &server->beats[i], peer_on_beat };
	for (size_t i = 0; i < SERVER_SPREAD; i++)
		rows[n++] = (struct queue_row){ &server->first_beats[i], peer_on_beat };
	for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++)
		rows[n++] = last[i];
	return n;
}

static struct frame *packet_frame(const char *packet)
{
	struct frame *f = frame_from(str_from(packet), STR(""));

	ws_frame_head(f, WS_TEXT);
	return f;
}

static void make_kinds(struct server *server, const struct sio_app *app, void *arg)
{
	const struct server_path *paths = server->settings->paths;
	size_t n = 0;

	while (paths[n].path)
		n++;
	server->kinds = mem_alloc(n * sizeof(*server->kinds));
	for (size_t i = 0; i < n; i++)
		server->kinds[i] = (struct sio_kind){ &peer_carrier,
			paths[i].app ? paths[i].app : app, arg, server->settings->eio.max_payload };
}

static const struct conn_owner conn_owner = {
	.read = exchange_read,
	.answered = exchange_resume,
	.message = peer_on_message,
	.frame = peer_on_frame,
	.gone = peer_on_conn_gone,
	.buried = exchange_free,
};

static const struct exchange_owner exchange_owner = {
	.serve = request_serve,
	.body = polling_on_body,
};

struct server *server_new(struct loop *loop, const struct server_settings *settings,
	const struct sio_app *app, void *arg)
{
	struct server *server = mem_alloc(sizeof(*server));
	struct queue_row rows[QUEUES_MAX];
	size_t n = queue_rows(server, rows);

	server->loop = loop;
	server->settings = settings;
	server->conn_owner = &conn_owner;
	server->exchange_owner = &exchange_owner;
	server->sids = map_new();
	server->addresses = map_new();
	server->ping = packet_frame("2");
	server->pong = packet_frame("3");
	make_kinds(server, app, arg);
	list_init(&server->conns);
	list_init(&server->pollings);
	list_init(&server->ready);
	deadline_init(&server->slice);
	deadline_init(&server->relief);
	for (size_t i = 0; i < n; i++) {
		deadline_queue_init(rows[i].queue, rows[i].fn);
		loop_add_queue(loop, rows[i].queue);
	}
	return server;
}

static void drop_all(struct server *server)
{
	LIST_FOR_EACH(c, &server->conns, struct conn, all)
		conn_drop(c);
	while (!list_is_empty(&server->pollings))
		peer_over(LIST_ENTRY(server->pollings.next, struct polling, all)->peer);
	deadline_queue_run(&server->dead_peers, DEADLINE_NEVER - 1);
	deadline_queue_run(&server->dead_conns, DEADLINE_NEVER - 1);
}

void server_free(struct server **owner)
{
	struct server *s = *owner;
	struct queue_row rows[QUEUES_MAX];
	size_t n;

	if (!s)
		return;
	drop_all(s);
	n = queue_rows(s, rows);
	for (size_t i = 0; i < n; i++)
		loop_remove_queue(s->loop, rows[i].queue);
	frame_unref(&s->ping);
	frame_unref(&s->pong);
	map_free(&s->sids);
	addresses_free(s);
	free(s->kinds);
	free(s);
	*owner = NULL;
}

void server_accept(void *arg, int fd)
{
	struct server *server = arg;
	size_t max = server->settings->max_connections;

	/* Some room beyond the limit lets a full relay say so instead of hanging. */
	if (server->counters.connections > max + max / 16 + 16)
		close(fd);
	else
		conn_new(server, fd);
}

size_t server_count(const struct server *server)
{
	return server->counters.connections;
}

void server_counters(const struct server *server, struct server_counters *ret)
{
	*ret = server->counters;
	ret->frames = *loop_frames(server->loop);
}

bool server_is_behind(const struct server *server)
{
	return !list_is_empty(&server->ready);
}

static void end_sessions(struct server *server, uint16_t code)
{
	LIST_FOR_EACH(c, &server->conns, struct conn, all)
		if (c->state == CONN_WS && c->peer && c->peer->conn == c)
			conn_close_ws(c, code, CLOSE_STOPPED);
	LIST_FOR_EACH(p, &server->pollings, struct polling, all)
		if (!p->peer->conn)
			peer_end(p->peer, code, PEER_BROKE, CLOSE_STOPPED);
}

void server_refuse_all(struct server *server)
{
	server->closing = true;
}

void server_close_all(struct server *server, uint16_t code)
{
	server_refuse_all(server);
	end_sessions(server, code);
	LIST_FOR_EACH(c, &server->conns, struct conn, all)
		if (c->state != CONN_BODY)
			conn_end(c);
}
