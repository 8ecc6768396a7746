#include "relay/link/link_host.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "link_priv.h"

/* The kinds of deadlines a client can have. */
struct queue_row {
	struct deadline_queue *queue;
	deadline_fn *fn;
};

static size_t queue_rows(struct link_host *h, struct queue_row rows[static 32])
{
	const struct queue_row fixed[] = {
		{ &h->heads, conn_on_head_deadline },
		{ &h->stalls, conn_on_stall_deadline },
		{ &h->lingers, conn_on_linger_deadline },
		{ &h->logins, link_on_login_deadline },
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		rows[n++] = fixed[i];
	for (size_t i = 0; i < EIO_TIMERS; i++)
		rows[n++] = (struct queue_row){ &h->beats[i], link_on_beat };
	for (size_t i = 0; i < LINK_SPREAD; i++)
		rows[n++] = (struct queue_row){ &h->first_beats[i], link_on_beat };
	/* Last: what another deadline ended is buried in the same turn. */
	rows[n++] = (struct queue_row){ &h->dead_links, link_bury };
	rows[n++] = (struct queue_row){ &h->dead_conns, conn_bury };
	return n;
}

static struct frame *packet_frame(const char *packet)
{
	struct frame *f = frame_from(str_from(packet), STR(""));

	ws_frame_head(f, WS_TEXT);
	return f;
}

struct link_host *link_host_new(struct loop *loop, const struct link_settings *settings,
	const struct sio_app *app, void *arg)
{
	struct link_host *h = mem_alloc(sizeof(*h));
	struct queue_row rows[32];
	size_t n = queue_rows(h, rows);

	h->loop = loop;
	h->settings = settings;
	h->kind = (struct sio_kind){ &link_carrier, app, arg };
	h->ping = packet_frame("2");
	h->pong = packet_frame("3");
	list_init(&h->conns);
	for (size_t i = 0; i < n; i++) {
		deadline_queue_init(rows[i].queue, rows[i].fn);
		loop_add_queue(loop, rows[i].queue);
	}
	return h;
}

void link_host_free(struct link_host **host)
{
	struct link_host *h = *host;
	struct queue_row rows[32];
	size_t n;

	if (!h)
		return;
	LIST_FOR_EACH(c, &h->conns, struct conn, all)
		conn_drop(c);
	deadline_queue_run(&h->dead_links, DEADLINE_NEVER - 1);
	deadline_queue_run(&h->dead_conns, DEADLINE_NEVER - 1);
	n = queue_rows(h, rows);
	for (size_t i = 0; i < n; i++)
		loop_remove_queue(h->loop, rows[i].queue);
	frame_unref(&h->ping);
	frame_unref(&h->pong);
	free(h);
	*host = NULL;
}

void link_host_accept(void *host, int fd)
{
	struct link_host *h = host;

	/* Some room beyond the limit lets a full relay say so instead of hanging. */
	if (h->count > h->settings->max_connections + h->settings->max_connections / 16 + 16)
		close(fd);
	else
		conn_new(h, fd);
}

size_t link_host_count(const struct link_host *h)
{
	return h->count;
}

void link_host_close_all(struct link_host *h, uint16_t code)
{
	h->closing = true;
	LIST_FOR_EACH(c, &h->conns, struct conn, all) {
		if (c->state == CONN_WS)
			conn_close_ws(c, code);
		else
			conn_end(c);
	}
}
