/*
 * What the clients of a server share: its lists, limits, figures and the queues their deadlines stand in.
 *
 * The files of this folder stand on each other: conn (a socket: bytes, then frames) < exchange (plain
 * requests) < peer (a session) < websocket, polling (what carries it) < request (what is wanted) < server.
 * Where one of them has to tell those above, they hand it a struct of functions.
 */
#ifndef DIALTONE_RELAY_SERVER_SERVER_PRIV_H
#define DIALTONE_RELAY_SERVER_SERVER_PRIV_H

#include "base/map.h"
#include "base/network.h"
#include "base/sample.h"
#include "relay/eio/session.h"
#include "relay/net/loop.h"
#include "relay/server/counters.h"
#include "relay/server/settings.h"

/* First pings are spread over the last fifth of the interval: one list for each part. */
#define SERVER_SPREAD 8
/* Sends in one turn of the loop, about 2 ms. */
#define SERVER_SLICE 256

struct server {
	struct loop *loop;
	const struct server_settings *settings;
	struct sio_kind *kinds; /* one for each path */
	const struct conn_owner *conn_owner;
	const struct exchange_owner *exchange_owner;
	struct list conns, pollings, ready;
	struct map *sids;      /* to struct peer, those that began on polling */
	struct map *addresses; /* to struct address, by network */
	struct server_counters counters;
	struct pace handshakes;
	struct sample samples[REASON_COUNT];
	unsigned spread; /* next list of first pings */
	uint64_t turn;   /* in which were */
	unsigned sends;  /* so many */
	bool closing;
	struct frame *ping, *pong;
	struct deadline slice, relief;
	struct deadline_queue slices, reliefs;
	struct deadline_queue heads, bodies, idles, resumes, stalls, pauses, upgrades, lingers;
	struct deadline_queue dead_conns, polls, poll_stalls, poll_lingers, logins, dead_peers;
	struct deadline_queue rests; /* of addresses without sessions */
	struct deadline_queue beats[EIO_TIMERS], first_beats[SERVER_SPREAD];
};

#endif
