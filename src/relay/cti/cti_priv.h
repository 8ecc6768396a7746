/*
 * What the application keeps.
 *
 *   cti_session (one logged-in client) --members[]--> cti_channel (one Redis channel)
 *                                      <--members---
 *
 * members[0] is always the user's own channel, so the user needs no other name here.
 */
#ifndef DIALTONE_RELAY_CTI_CTI_PRIV_H
#define DIALTONE_RELAY_CTI_CTI_PRIV_H

#include "base/arena.h"
#include "bus/message.h"
#include "bus/session_mirror.h"
#include "bus/subscriber.h"
#include "crypto/session_token.h"
#include "relay/cti/cti.h"

#define CTI_MEMBERS_MAX 16
#define CTI_JTI_MAX     128
#define CTI_NAME_MAX    1024 /* of a channel or key */

struct cti_channel {
	struct subscription sub;
	struct list members;
	struct deadline linger;
	struct cti *cti;
	char name[];
};

struct cti_member {
	struct list link; /* in the channel */
	struct cti_channel *channel;
	struct cti_session *session;
};

enum cti_ua { CTI_UA_NONE, CTI_UA_MOBILE, CTI_UA_DESKTOP };

struct cti_login;

struct cti_session {
	struct cti *cti;
	struct sio *sio;
	struct cti_login *login; /* NULL unless one is pending */
	struct cti_member *members;
	struct deadline check;
	int64_t expires_at; /* seconds since the epoch */
	uint8_t member_count;
	uint8_t ua; /* enum cti_ua */
	bool live;  /* authe_ok has been sent */
	char *jti;
};

/* A login on its way; it may outlive its session while an answer is awaited. */
struct cti_login {
	struct cti *cti;
	struct cti_session *session; /* NULL: the client is gone */
	struct list waiting;         /* for Redis */
	struct deadline retry;
	struct arena *arena; /* token and claims */
	struct str token;
	struct session_claims claims;
	enum cti_ua ua;
	bool asked; /* an answer is awaited */
};

struct cti {
	const struct cti_settings *settings;
	const struct cti_ports *ports;
	struct pipeline_owner commands_owner;
	struct pipeline *commands;
	struct subscriber_owner subscriber_owner;
	struct subscriber *subscriber;
	struct list waiting; /* logins that wait for Redis */
	struct deadline_queue lingers, checks, expiries, retries;
	struct arena *arena; /* of the message being delivered */
	int64_t complained_ms;
	struct frame *authe_ok;
	struct cti_counters counters;
};

/* channel.c */
/* The channel of that name, subscribed if it was not. */
struct cti_channel *channel_get(struct cti *c, struct str name);
void channel_join(struct cti_channel *ch, struct cti_member *m, struct cti_session *s);
void channel_leave(struct cti_member *m);
void channel_on_linger(struct deadline *d, int64_t now_ms);
void channel_on_confirmed(void *arg, struct subscription *sub);

/* session.c */
struct cti_session *session_new(struct cti *c, struct sio *sio);
void session_free(struct cti_session *s);
/* Joins the user's channel and the rooms; borrowed, separated by blanks. ERR_LIMIT: too many or too
 * long. */
MUST_CHECK enum err session_join(
	struct cti_session *s, struct str domain, struct str user, struct str rooms);
bool session_is_confirmed(const struct cti_session *s);
/* The session belongs to this token from now on. */
void session_bind(struct cti_session *s, const char *jti, int64_t expires_at);
/* authe_ok. */
void session_go_live(struct cti_session *s);
/* 401, 41 and the end. */
void session_refuse(struct cti_session *s);
void session_on_check(struct deadline *d, int64_t now_ms);

/* login.c */
void login_begin(struct cti_session *s, struct str args);
/* The session is going. */
void login_abandon(struct cti_login *l);
/* All channels are confirmed, perhaps. */
void login_continue(struct cti_login *l);
/* Redis is back. */
void login_resume_all(struct cti *c);
void login_on_retry(struct deadline *d, int64_t now_ms);

/* delivery.c */
void delivery_on_message(void *arg, struct subscription *sub, struct str raw);

/* control.c */
void control_run(struct cti_channel *ch, const struct message *m);

#endif
