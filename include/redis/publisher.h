/*
 * The producer's side of the contract (cti-api 3.3): one script a message, which counts it, keeps the
 * state it tells and what late comers need, and publishes it.
 *
 * Delivery is at most once; a producer that must not lose an event writes it into the outbox of
 * PostgreSQL instead.  A message that is only published by PUBLISH is fine too, but a relay that missed it
 * cannot know.
 */
#ifndef DIALTONE_REDIS_PUBLISHER_H
#define DIALTONE_REDIS_PUBLISHER_H

#include "redis/message.h"
#include "redis/redis.h"

/* Texts that are not needed are NULL. */
struct publication {
	const char *prefix; /* the setting redis_prefix */
	const char *domain;
	const char *user, *room; /* one of them */
	const char *event;
	struct str args;          /* JSON, the event's arguments without brackets; may be empty */
	int64_t flags;            /* enum message_flag */
	const char *coalesce_key; /* with MESSAGE_COALESCE */
	const char *state_key;    /* "exten:201": args are its state from now on */
	const char *ua_type;
	struct message_list skip_users;
};

/* Publishes. *ret_receivers: how many relays listen; may be NULL. ERR_LIMIT: header or arguments are
 * too long. ERR_INVALID: the arguments are not JSON on one line, the event's name is reserved, or
 * there is not exactly one receiver.  An event that makes clients act is for a user, and goes
 * by the control channel of the domain. */
MUST_CHECK enum err publisher_send(
	struct redis *r, const struct publication *p, struct arena *arena, int64_t *ret_receivers);
/* What {D}:st keeps of a message: "exten:201" and its JSON; an empty key: nothing. */
struct publisher_state {
	struct str key, value;
};

/* The command, made in the arena, that publishes a finished message, which is taken as it is; channel
 * is a name as redis/channel.h makes them; state NULL: none. ERR_LIMIT: its header is too long.
 * ERR_INVALID: it is of no domain. */
MUST_CHECK enum err publisher_message_command(const char *prefix, struct str channel,
	const struct message *m, const struct publisher_state *state, struct arena *arena,
	struct redis_command *ret);

#endif
