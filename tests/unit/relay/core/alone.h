/* A core without Redis and without features; its clients only note how they end. */
#ifndef DIALTONE_TESTS_UNIT_RELAY_CORE_ALONE_H
#define DIALTONE_TESTS_UNIT_RELAY_CORE_ALONE_H

#include <stdio.h>

#include "../../unit.h"
#include "conf/redis_address.h"
#include "relay/core/client.h"
#include "relay/core/setup.h"

#define ALONE_MAX 200

struct alone_client {
	struct sio sio;
	struct cti_client *client;
	bool ended;
	enum sio_end how;
};

static int64_t now;
static struct core core;
static struct alone_client clients[ALONE_MAX];
static size_t client_n;

static inline void on_send(struct sio *s, struct frame *f)
{
	(void)s;
	(void)f;
}

static inline void on_end(struct sio *s, enum sio_end how, enum close_reason why)
{
	(void)why;
	struct alone_client *a = LIST_ENTRY(s, struct alone_client, sio);

	a->ended = true;
	a->how = how;
}

static inline void on_id(char out[SIO_ID_SIZE])
{
	(void)out;
}

static inline void on_settled(struct sio *s, bool yes)
{
	(void)s;
	(void)yes;
}

static const struct sio_carrier carrier = { on_send, on_end, on_id, on_settled, NULL, NULL };
static const struct sio_kind kind = { &carrier, NULL, NULL, 0 };

static inline void on_watch(void *arg, struct pipeline *p, int fd, bool output)
{
	(void)arg;
	(void)p;
	(void)fd;
	(void)output;
}

static inline void on_queue(void *arg, struct deadline_queue *q)
{
	(void)arg;
	(void)q;
}

static inline int64_t on_now(void *arg)
{
	(void)arg;
	return now;
}

static inline int64_t on_wall(void *arg)
{
	(void)arg;
	return now * 1000;
}

static inline void on_message(void *arg, struct subscription *sub, struct str raw)
{
	(void)arg;
	(void)sub;
	(void)raw;
}

/* No command leaves, no channel is ever confirmed. */
static inline void alone_setup(const struct core_listener *const *listeners)
{
	static const struct core_settings settings = { "cti1:", "aa", 15000, 30000, 2000, 10000 };
	static const struct core_ports ports = { on_watch, on_queue, on_now, on_wall, NULL };
	static const struct redis_address nowhere = { .path = "/nonexistent/redis.sock" };
	const struct core_setup given = { &settings, &ports, listeners, &nowhere, on_message };

	now = 1000000;
	client_n = 0;
	core_init(&core, &given);
	core_start(&core);
}

static inline struct alone_client *alone_client(void)
{
	struct alone_client *a = &clients[client_n++];

	*a = (struct alone_client){ 0 };
	sio_init(&a->sio, &kind, SIO_PROTOCOL_5);
	snprintf(a->sio.id, SIO_ID_SIZE, "%020zu", client_n);
	a->client = client_new(&core, &a->sio);
	return a;
}

static inline struct alone_client *alone_live_client(void)
{
	struct alone_client *a = alone_client();

	client_go_live(a->client);
	return a;
}

static inline void alone_teardown(void)
{
	for (size_t i = 0; i < client_n; i++)
		if (clients[i].sio.data)
			client_free(clients[i].sio.data);
	core_stop_commands(&core);
	core_finish(&core);
}

#endif
