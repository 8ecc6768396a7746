/*
 * What a relay keeps: its clients, the Redis channels they hear, the connections to Redis.
 *
 *   cti_client --self, rooms[]--> cti_channel (one Redis channel)
 *              <-----members-----
 *
 * self is the user's own channel, so the user needs no other name here; control is the channel of the
 * domain on which the orders about its users come.
 *
 * It knows no login and no rule.  What does (relay/cti) is told through struct core_listener and keeps
 * what it needs about a client behind a pointer of its own in struct cti_client, which is never followed
 * here.  The structs are complete, because delivery walks them for every message.
 */
#ifndef DIALTONE_RELAY_CORE_CORE_H
#define DIALTONE_RELAY_CORE_CORE_H

#include "base/sample.h"
#include "base/list.h"
#include "base/pace.h"
#include "redis/subscriber.h"
#include "relay/sio/sio.h"

#define CORE_NAME_MAX 1024 /* of a channel or key */

struct core_settings {
	const char *prefix; /* the setting redis_prefix */
	const char *relay;  /* this relay's id, its name in Redis */
	uint32_t linger_ms; /* a channel without members stays subscribed this long */
	uint32_t check_ms;  /* a live client is looked at this often */
	uint32_t evict_ms;  /* what send_later() waits: a predecessor may stay this long */
	uint32_t resync_ms; /* over which clients that missed something are spread */
};

/* What the program does for it. */
struct core_ports {
	/* As in pipeline_owner; p tells which connection. */
	void (*watch)(void *arg, struct pipeline *p, int fd, bool output);
	/* A queue to be run by the loop until core_finish(). */
	void (*add_queue)(void *arg, struct deadline_queue *q);
	/* The loop's time, for deadlines; and microseconds since the epoch, for facts. */
	int64_t (*now_ms)(void *arg);
	int64_t (*wall_us)(void *arg);
	void *arg;
};

/* All that a relay counts about clients and messages, for relay/admin. */
struct core_counters {
	uint64_t logins, refusals, revocations, expirations, takeovers, kicks;
	uint64_t messages, bad_messages, misplaced_messages, stale_messages, deliveries, withheld,
		replays, gaps, resyncs;
	uint64_t client_events, client_events_dropped, client_events_refused, bad_requests;
	uint64_t user_messages;
	uint64_t crowded; /* sent away for a newer one: the user had too many */
	uint64_t sessions, sessions_live, sessions_leaving, channels, logins_pending;
	uint64_t redis_up, redis_losses;
};

struct core;
struct cti_client;

struct cti_channel {
	struct subscription sub;
	struct list members;
	struct deadline linger;
	struct core *core;
	int64_t sequence;     /* of the last message that had one; 0: none yet */
	uint64_t epoch;       /* a hash of it */
	struct pace messages; /* a user's own: what it sends to others */
	bool asked;           /* for sequence and epoch, once */
	struct list unasked;  /* of those to be asked about */
	bool stateful;        /* something that is not one-shot has come */
	char name[];
};

struct cti_member {
	struct list link; /* in the channel */
	struct cti_channel *channel;
	struct cti_client *client;
};

enum cti_ua { CTI_UA_NONE, CTI_UA_MOBILE, CTI_UA_DESKTOP };

struct cti_client {
	struct core *core;
	struct sio *sio;
	struct cti_client *same_slot;            /* in the directory */
	struct cti_login *login;                 /* NULL unless one is pending */
	struct cti_takeover *takeover;           /* NULL: it neither follows nor is followed */
	struct cti_transcription *transcription; /* NULL: the user may not have any */
	struct cti_own *own; /* NULL: it has been told of its user's extensions */
	struct cti_member self, control, *rooms;
	struct list round, leaving;
	struct deadline expiry;
	struct pace events, mistakes;
	int64_t expires_at; /* seconds since the epoch */
	int64_t version;    /* of its permissions */
	uint32_t since;     /* seconds since the epoch */
	uint16_t fresh;     /* a bit for each of rooms: not caught up with yet */
	uint8_t room_count;
	uint8_t ua;           /* enum cti_ua */
	uint8_t ua_shown;     /* the same, and still when it has been logged out */
	uint8_t capabilities; /* a bit for each of enum relay_capability */
	bool live;            /* authe_ok has been sent */
	bool was_live;        /* and its end is still to be told */
	char *jti;            /* of its session's token; NULL before the first login */
};

/* What a feature is told; a hook may be NULL. */
struct core_listener {
	/* The channel is (again) subscribed: what is published from now on arrives. */
	void (*channel_confirmed)(struct cti_channel *ch);
	/* The same, for each member; orders: it is the one on which the orders about users come. */
	void (*client_confirmed)(struct cti_client *c, bool orders);
	/* A login has succeeded; not the first: it renewed the token. */
	void (*live)(struct cti_client *c, bool first);
	/* Rooms and capabilities are set; extensions are the user's, separated by spaces. */
	void (*permitted)(struct cti_client *c, struct str extensions);
	/* Redis has told of a change: what is known of the session may be out of date. */
	void (*told)(struct cti_client *c);
	/* Once in check_ms, for a live client. */
	void (*look)(struct cti_client *c);
	/* The client is about to be logged out; it is still live, if it was, and in its channels. */
	void (*retiring)(struct cti_client *c);
	/* The client's memory goes next; it may still be in its channels. */
	void (*gone)(struct cti_client *c);
	/* Commands are taken again. */
	void (*redis_up)(struct core *core);
	/* No channel is confirmed any more. */
	void (*events_down)(struct core *core);
	/* The answer to subscriber_echo(). */
	void (*echo)(struct core *core, uint64_t number);
};

struct core {
	const struct core_settings *settings;
	const struct core_ports *ports;
	const struct core_listener *const *listeners; /* NULL at the end */
	struct pipeline_owner commands_owner;
	struct pipeline *commands;
	struct subscriber_owner subscriber_owner;
	struct subscriber *subscriber;
	struct cti_client **slots; /* the directory: clients by socket id */
	size_t slot_count, slotted;
	struct cti_channel *node, *everybody; /* n:<relay> and ctl */
	struct list round;   /* live clients, the one looked at longest ago first */
	struct list leaving; /* clients to be ended, at a rate */
	struct deadline_queue lingers, expiries, delayed;
	int64_t leave_owed; /* in thousandths */
	int64_t leave_rate; /* a second */
	enum sio_end leave_how;
	struct core_counters counters;
	struct sample crowds; /* of those, in the log */
};

/* Tells all listeners, in their order. */
#define CORE_TELL(core_, hook_, ...)                                                           \
	do {                                                                                   \
		for (const struct core_listener *const *at_ = (core_)->listeners; *at_; at_++) \
			if ((*at_)->hook_)                                                     \
				(*at_)->hook_(__VA_ARGS__);                                    \
	} while (0)

/* This relay's name in Redis. */
static inline struct str core_relay(const struct core *core)
{
	return str_from(core->settings->relay);
}

static inline int64_t core_now(const struct core *core)
{
	return core->ports->now_ms(core->ports->arg);
}

static inline int64_t core_wall_us(const struct core *core)
{
	return core->ports->wall_us(core->ports->arg);
}

#endif
