/*
 * Names of channels and keys in Redis (cti-api 3.1), written behind the configured prefix:
 *
 *   {D}:u:<U>       events of one user          {D}:r:<room>    events of one room
 *   {D}:tok:<jti>   copy of a live session    n:<relay>       to one relay
 *   ctl             to all relays               wake:outbox     to dialtone-jobs
 *   {D}:ctl         orders and events that make clients act, from our own programs alone
 *   {D}:own:<U>:<ua>  owner of a takeover       {D}:sess:<U>    live sockets of a user
 *   {D}:me:<U>      last answer of GET /api/user/me, sealed
 *   {D}:seq  {D}:st  {D}:recent                 sequences, states, last events of a domain
 *   relays          heartbeats of relays
 *
 * Rooms (cti-api 2.10): all; ext.clear, ext.mq, ext.ma; q.clear, q.priv; trk.clear, trk.priv; park.clear,
 * park.priv; qman; accounts; stream.<source>; stt.<linkedid>.  Into the last one no permission brings a
 * client: it asks, and is in while an extension of its user takes part in that call as the hash {D}:st says.
 * What is said in a call (satellite/transcription) is to be published there and nowhere else.
 *
 * D is the domain in lower case, with its braces: the hash tag of Redis Cluster.  User and room are
 * percent-encoded, all but a-z 0-9 . _ @ -.
 */
#ifndef DIALTONE_REDIS_CHANNEL_H
#define DIALTONE_REDIS_CHANNEL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"

/* All append to out; prefix is the setting redis_prefix, "cti1:". */
void channel_user(struct buf *out, const char *prefix, struct str domain, struct str user);
void channel_room(struct buf *out, const char *prefix, struct str domain, struct str room);
void channel_token(struct buf *out, const char *prefix, struct str domain, struct str jti);
void channel_relay(struct buf *out, const char *prefix, struct str relay);
void channel_control(struct buf *out, const char *prefix);
void channel_wake(struct buf *out, const char *prefix);
void channel_owner(
	struct buf *out, const char *prefix, struct str domain, struct str user, const char *ua);
void channel_me(struct buf *out, const char *prefix, struct str domain, struct str user);
void channel_roster(struct buf *out, const char *prefix, struct str domain, struct str user);
/* which: "seq", "st", "recent" or "ctl". */
void channel_of_domain(struct buf *out, const char *prefix, struct str domain, const char *which);
void channel_relays(struct buf *out, const char *prefix);

/* The parts of "prefix{domain}:suffix", borrowed from name; suffix is "u:alice" or "r:ext.clear". */
bool channel_split(
	struct str name, const char *prefix, struct str *ret_domain, struct str *ret_suffix);
/* The user of the suffix "u:<U>", decoded; NULL: it is no user's. */
const char *channel_suffix_user(struct str suffix, struct arena *arena);

#endif
