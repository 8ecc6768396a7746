/*
 * A message between a producer of events and the relays (cti-api 3.2, design.md section 5).
 *
 *   {"v":1,"k":"e","i":"42","n":"extenUpdate","f":3,"c":"exten:201"}\n
 *   ["extenUpdate",{"exten":"201"}]
 *
 * The first line is the header, at most 2 KiB; the second the finished Socket.IO array, at most
 * 256 KiB, which nothing between producer and client parses.  A control message (k = c) has no second
 * line.  A message that begins with [ is the array alone, so that any PBX, script or redis-cli can
 * be a producer; it alone is checked to be JSON, and white space around it is cut.
 */
#ifndef DIALTONE_REDIS_MESSAGE_H
#define DIALTONE_REDIS_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define MESSAGE_HEADER_MAX  2048
#define MESSAGE_PAYLOAD_MAX ((size_t)256 << 10)
#define MESSAGE_MAX         (MESSAGE_HEADER_MAX + 1 + MESSAGE_PAYLOAD_MAX)

enum message_kind { MESSAGE_EVENT, MESSAGE_CONTROL };

enum message_flag {
	MESSAGE_VOLATILE = 1, /* may be dropped for a slow client */
	MESSAGE_COALESCE = 2, /* only the newest of its coalesce key counts */
	MESSAGE_ONE_SHOT = 4  /* never replayed */
};

enum message_op {
	MESSAGE_OP_NONE,
	MESSAGE_REVOKE,
	MESSAGE_REBIND,
	MESSAGE_PERM,
	MESSAGE_TAKEOVER,
	MESSAGE_TAKEN,
	MESSAGE_KICK,
	MESSAGE_DRAIN,
	MESSAGE_RESYNC,
	MESSAGE_ROLL_CALL /* sockets that still live say so in Redis */
};

/* Why a client is sent away by a kick: another one of its user is in use; the user has too many. */
#define MESSAGE_WHY_TAKEOVER "takeover"
#define MESSAGE_WHY_CROWD    "user_sockets"

struct message_list {
	const char *const *items;
	size_t n;
};
/* NULL is in no list. */
bool message_list_has(const struct message_list *list, const char *item);

/* What is not given is zero, NULL or empty. The letters are the names in the header. */
struct message {
	enum message_kind kind; /* k */
	const char *id;         /* i: for logs and de-duplication */
	const char
		*request_id; /* r: of the request it follows from (base/request_id.h), for logs */
	int64_t time_ms;     /* t: the producer's */
	int64_t sequence;    /* s: of this channel, from 1 */
	const char *epoch;   /* e */
	const char *name;    /* n: of the event */
	int64_t flags;       /* f: enum message_flag */
	const char *coalesce_key;       /* c */
	const char *ua_type;            /* a: only sockets of this client type */
	struct message_list skip_users; /* x */
	struct message_list jtis;       /* j: only sockets of these sessions */
	struct message_list sids;       /* q: only these sockets */
	int64_t max_age_ms;             /* d: dropped when older on arrival */
	const char *user;               /* u: on a domain's control channel, NULL: all its users */

	/* Control messages. */
	enum message_op op;               /* o */
	bool all;                         /* revoke: every session of the user */
	const char *but;                  /* revoke: except this one */
	const char *old_jti, *new_jti;    /* rebind: old, new */
	struct message_list rooms;        /* perm, resync */
	struct message_list ext;          /* perm: own extensions */
	struct message_list capabilities; /* perm: cap, those of permissions/relay_capability.h */
	int64_t pv;                       /* perm: permission version */
	const char *by_relay, *by_sid;    /* takeover: by */
	const char *why, *how;            /* taken, kick */
	int64_t rate;                     /* drain: sockets per second */

	struct str payload; /* the array; borrowed */
};

/* "revoke" ... */
const char *message_op_name(enum message_op op);
/* Appends the message; out overflows as usual when it does not fit. */
void message_write(struct buf *out, const struct message *m);

/*
 * Reads a message. Texts of the header live in the arena, payload is borrowed from raw.
 * ERR_PROTOCOL: not a message (not JSON where it must be, a field of the wrong type, no UTF-8,
 * another version, an unknown operation). ERR_LIMIT: header or payload too large.
 * Unknown fields are passed over: a newer producer may know more.
 */
MUST_CHECK enum err message_parse(struct str raw, struct arena *arena, struct message *ret);

#endif
