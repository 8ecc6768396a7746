#include "relay/link/link_host.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "link_priv.h"

#define QUEUES_MAX      32
#define RELIEF_PER_TURN 64

/* The kinds of deadlines a client can have. */
struct queue_row {
	struct deadline_queue *queue;
	deadline_fn *fn;
};

/* The client for whom most waits goes first. */
static bool relieve(struct link_host *h)
{
	struct conn *slow = NULL;
	struct polling *idle = NULL;
	size_t most = 0;

	LIST_FOR_EACH(c, &h->conns, struct conn, all)
		if (sock_waiting(&c->sock) > most) {
			most = sock_waiting(&c->sock);
			slow = c;
		}
	LIST_FOR_EACH(p, &h->pollings, struct polling, all)
		if (frame_queue_bytes(p->queue) > most) {
			most = frame_queue_bytes(p->queue);
			idle = p;
		}
	if (idle)
		link_end(idle->link, WS_CLOSE_TRY_LATER, LINK_BROKE);
	else if (slow)
		conn_close_slow(slow);
	return idle || slow;
}

static void on_relief(struct deadline *d, int64_t now_ms)
{
	struct link_host *h = LIST_ENTRY(d, struct link_host, relief);
	const struct frame_tally *frames = loop_frames(h->loop);

	(void)now_ms;
	for (int i = 0; i < RELIEF_PER_TURN && frames->bytes > h->settings->max_queued; i++)
		if (!relieve(h))
			return;
}

static size_t queue_rows(struct link_host *h, struct queue_row rows[static QUEUES_MAX])
{
	const struct queue_row fixed[] = {
		{ &h->heads, conn_on_head_deadline },
		{ &h->bodies, conn_on_head_deadline },
		{ &h->idles, conn_on_deadline },
		{ &h->resumes, conn_on_resume },
		{ &h->stalls, conn_on_deadline },
		{ &h->pauses, conn_on_pause },
		{ &h->upgrades, conn_on_upgrade_deadline },
		{ &h->lingers, conn_on_deadline },
		{ &h->poll_stalls, polling_on_stall_deadline },
		{ &h->poll_lingers, polling_on_linger_deadline },
		{ &h->logins, link_on_login_deadline },
		{ &h->slices, conn_on_slice },
		{ &h->reliefs, on_relief },
	};
	/* What another deadline ended is told to polls and buried in the same turn. */
	const struct queue_row last[] = {
		{ &h->polls, polling_on_turn_end },
		{ &h->dead_links, link_bury },
		{ &h->dead_conns, conn_bury },
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		rows[n++] = fixed[i];
	for (size_t i = 0; i < EIO_TIMERS; i++)
		rows[n++] = (struct queue_row){ &h->beats[i], link_on_beat };
	for (size_t i = 0; i < LINK_SPREAD; i++)
		rows[n++] = (struct queue_row){ &h->first_beats[i], link_on_beat };
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

static void make_kinds(struct link_host *h, const struct sio_app *app, void *arg)
{
	const struct link_path *paths = h->settings->paths;
	size_t n = 0;

	while (paths[n].path)
		n++;
	h->kinds = mem_alloc(n * sizeof(*h->kinds));
	for (size_t i = 0; i < n; i++)
		h->kinds[i] = (struct sio_kind){ &link_carrier, paths[i].app ? paths[i].app : app,
			arg, h->settings->eio.max_payload };
}

struct link_host *link_host_new(struct loop *loop, const struct link_settings *settings,
	const struct sio_app *app, void *arg)
{
	struct link_host *h = mem_alloc(sizeof(*h));
	struct queue_row rows[QUEUES_MAX];
	size_t n = queue_rows(h, rows);

	h->loop = loop;
	h->settings = settings;
	h->sids = map_new();
	h->sources = map_new();
	h->ping = packet_frame("2");
	h->pong = packet_frame("3");
	make_kinds(h, app, arg);
	list_init(&h->conns);
	list_init(&h->pollings);
	list_init(&h->ready);
	deadline_init(&h->slice);
	deadline_init(&h->relief);
	for (size_t i = 0; i < n; i++) {
		deadline_queue_init(rows[i].queue, rows[i].fn);
		loop_add_queue(loop, rows[i].queue);
	}
	return h;
}

static void drop_all(struct link_host *h)
{
	LIST_FOR_EACH(c, &h->conns, struct conn, all)
		conn_drop(c);
	while (!list_is_empty(&h->pollings))
		link_over(LIST_ENTRY(h->pollings.next, struct polling, all)->link);
	deadline_queue_run(&h->dead_links, DEADLINE_NEVER - 1);
	deadline_queue_run(&h->dead_conns, DEADLINE_NEVER - 1);
}

void link_host_free(struct link_host **host)
{
	struct link_host *h = *host;
	struct queue_row rows[QUEUES_MAX];
	size_t n;

	if (!h)
		return;
	drop_all(h);
	n = queue_rows(h, rows);
	for (size_t i = 0; i < n; i++)
		loop_remove_queue(h->loop, rows[i].queue);
	frame_unref(&h->ping);
	frame_unref(&h->pong);
	map_free(&h->sids);
	map_free(&h->sources);
	free(h->kinds);
	free(h);
	*host = NULL;
}

void link_host_accept(void *host, int fd)
{
	struct link_host *h = host;
	size_t max = h->settings->max_connections;

	/* Some room beyond the limit lets a full relay say so instead of hanging. */
	if (h->counters.connections > max + max / 16 + 16)
		close(fd);
	else
		conn_new(h, fd);
}

size_t link_host_count(const struct link_host *h)
{
	return h->counters.connections;
}

void link_host_counters(const struct link_host *h, struct link_counters *ret)
{
	*ret = h->counters;
	ret->frames = *loop_frames(h->loop);
}

bool link_host_is_behind(const struct link_host *h)
{
	return !list_is_empty(&h->ready);
}

static void end_sessions(struct link_host *h, uint16_t code)
{
	LIST_FOR_EACH(c, &h->conns, struct conn, all)
		if (c->state == CONN_WS && c->link && c->link->conn == c)
			conn_close_ws(c, code);
	LIST_FOR_EACH(p, &h->pollings, struct polling, all)
		if (!p->link->conn)
			link_end(p->link, code, LINK_BROKE);
}

void link_host_refuse_all(struct link_host *h)
{
	h->closing = true;
}

void link_host_close_all(struct link_host *h, uint16_t code)
{
	link_host_refuse_all(h);
	end_sessions(h, code);
	LIST_FOR_EACH(c, &h->conns, struct conn, all)
		if (c->state != CONN_BODY)
			conn_end(c);
}
