/*
 * What the application keeps.
 *
 *   cti_client (one client) --self, rooms[]--> cti_channel (one Redis channel)
 *                            <-----members-----
 *
 * self is the user's own channel, so the user needs no other name here.
 */
#ifndef DIALTONE_RELAY_CTI_CTI_PRIV_H
#define DIALTONE_RELAY_CTI_CTI_PRIV_H

#include "base/arena.h"
#include "base/pace.h"
#include "redis/message.h"
#include "redis/session_copy.h"
#include "redis/subscriber.h"
#include "crypto/session_token.h"
#include "permissions/relay_capability.h"
#include "relay/cti/cti.h"

#define CTI_ROOMS_MAX 15
#define CTI_JTI_MAX   128
#define CTI_RELAY_MAX 32
#define CTI_NAME_MAX  1024 /* of a channel or key */

struct cti_channel {
	struct subscription sub;
	struct list members;
	struct deadline linger;
	struct cti *cti;
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

struct cti_login;
struct cti_transcription;

/* Which client waits for this one to give way, or did. */
struct cti_successor {
	int64_t asked_ms; /* when takeOver was sent */
	char relay[CTI_RELAY_MAX];
	char sid[SIO_ID_SIZE]; /* empty: nobody */
};

struct cti_client {
	struct cti *cti;
	struct sio *sio;
	struct cti_client *same_slot;            /* in the directory */
	struct cti_login *login;                 /* NULL unless one is pending */
	struct cti_successor *successor;         /* NULL: it was never asked to give way */
	struct cti_transcription *transcription; /* NULL: the user may not have any */
	struct cti_member self, *rooms;
	struct list round, leaving;
	struct deadline expiry;
	struct pace events, mistakes;
	int64_t expires_at; /* seconds since the epoch */
	int64_t version;    /* of its permissions */
	uint32_t since;     /* seconds since the epoch */
	uint16_t fresh;     /* a bit for each of rooms: not caught up with yet */
	uint8_t room_count;
	uint8_t ua;           /* enum cti_ua */
	uint8_t capabilities; /* a bit for each of enum relay_capability */
	bool live;            /* authe_ok has been sent */
	char *jti;            /* NULL before the first login */
};

/* A login on its way; it may outlive its client while an answer is awaited. */
struct cti_login {
	struct cti *cti;
	struct cti_client *client; /* NULL: the client is gone */
	struct list waiting;       /* for Redis */
	struct deadline timer;     /* until the API is asked again, or for the predecessor */
	struct arena *arena;       /* token, claims and answers */
	struct str authorization;  /* what the API is asked with */
	struct session_claims claims;
	enum cti_ua ua;
	bool legacy;         /* a token of the HMAC login: the claims are what the API says */
	bool asked;          /* an answer is awaited */
	bool confirmed;      /* the channels were, when the session was looked up */
	bool claimed;        /* waits for its predecessor */
	const char *old_jti; /* the predecessor's */
};

/* A question whose asker may be gone when the answer comes. */
struct cti_ticket {
	struct cti *cti;
	char sid[SIO_ID_SIZE];
	char jti[CTI_JTI_MAX + 1];
};

struct cti {
	const struct cti_settings *settings;
	const struct cti_ports *ports;
	struct pipeline_owner commands_owner;
	struct pipeline *commands;
	struct subscriber_owner subscriber_owner;
	struct subscriber *subscriber;
	struct cti_client **slots; /* the directory: clients by socket id */
	size_t slot_count, slotted;
	struct cti_channel *node, *everybody; /* n:<relay> and ctl */
	struct list waiting;                  /* logins that wait for Redis */
	struct list round;   /* live clients, the one looked at longest ago first */
	struct list leaving; /* clients to be ended, at a rate */
	struct list catch_ups;
	struct list unasked; /* channels whose sequence and epoch are to be asked for */
	bool asking;         /* about some of them */
	struct deadline tick, beat;
	struct deadline_queue lingers, expiries, retries, waits, ticks, beats, delayed, gaps;
	int64_t ticked_ms;
	int64_t round_owed, leave_owed; /* in thousandths */
	int64_t leave_rate;             /* a second */
	enum sio_end leave_how;
	struct arena *arena; /* of the message being delivered */
	int64_t complained_ms;
	struct frame *authe_ok;
	struct cti_counters counters;
};

static inline int64_t cti_now(const struct cti *cti)
{
	return cti->ports->now_ms(cti->ports->arg);
}

static inline int64_t cti_wall_us(const struct cti *cti)
{
	return cti->ports->wall_us(cti->ports->arg);
}

/* channel.c */
/* The channel of that name, subscribed if it was not. */
struct cti_channel *channel_get(struct cti *cti, struct str name);
void channel_free(struct cti_channel *ch);
void channel_join(struct cti_channel *ch, struct cti_member *m, struct cti_client *c);
void channel_leave(struct cti_member *m);
/* Empty for the channels of relays. */
struct str channel_domain(const struct cti_channel *ch);
bool channel_is_user(const struct cti_channel *ch);
/* A user's, or what is said in a call: mostly what nobody can fetch again. */
bool channel_tells_once(const struct cti_channel *ch);
size_t channel_member_count(const struct cti_channel *ch);
void channel_on_linger(struct deadline *d, int64_t now_ms);
void channel_on_confirmed(void *arg, struct subscription *sub);

/* directory.c */
void directory_add(struct cti *cti, struct cti_client *c);
void directory_remove(struct cti *cti, struct cti_client *c);
/* NULL when there is none. */
struct cti_client *directory_find(const struct cti *cti, const char *sid);

/* What a user may hear and do. */
struct cti_permissions {
	struct str rooms, ext; /* separated by blanks */
	uint8_t capabilities;  /* a bit for each of enum relay_capability */
	int64_t version;       /* of two the higher one is newer; 0: it is not told */
};

/* What Redis or the API says about a session. Texts are borrowed from the reply, or in the arena. */
struct lookup_result {
	struct str user;
	struct str domain, jti; /* the API's alone */
	bool otp_verified;
	int64_t expires_at; /* seconds since the epoch */
	struct cti_permissions permissions;
};

/* lookup_result.c */
/* False: there is no copy, or one of an older version. */
bool lookup_result_of_copy(const struct redis_reply *reply, struct lookup_result *ret);
/* False: it is no answer. */
bool lookup_result_of_answer(struct str body, struct arena *arena, struct lookup_result *ret);
/* Names separated by blanks, as bits; those that are nothing to a relay are passed over. */
uint8_t lookup_result_capabilities(struct str names);

/* client.c */
struct cti_client *client_new(struct cti *cti, struct sio *sio);
void client_free(struct cti_client *c);
/* Joins the user's channel. ERR_LIMIT: too long a name. */
MUST_CHECK enum err client_enter(struct cti_client *c, struct str domain, struct str user);
bool client_may(const struct cti_client *c, enum relay_capability capability);
bool client_is_confirmed(const struct cti_client *c);
/* The client belongs to this token from now on. */
void client_bind(struct cti_client *c, const char *jti, int64_t expires_at);
/* authe_ok. */
void client_go_live(struct cti_client *c);
/* 401, 41 and the end. */
void client_refuse(struct cti_client *c);
/* 41 and the end. */
void client_send_away(struct cti_client *c);
/* The end of the transport: the client comes back. */
void client_close(struct cti_client *c, enum sio_end how);
/* To be called now and then: few tokens end within the minute, those alone are timed. */
void client_time_expiry(struct cti_client *c);
void client_on_expiry(struct deadline *d, int64_t now_ms);
const char *ua_name(uint8_t ua); /* "" for none */
struct str client_domain(const struct cti_client *c);
/* Whether a message of its channel, an event or an order, is for this client: a, j and q (cti-api 3.2). */
bool client_is_meant(const struct cti_client *c, const struct message *m);
/* Decoded, in the arena. */
const char *client_user(const struct cti_client *c, struct arena *arena);

/* rooms.c */
/* Of a client that has entered: joins these rooms instead of the present ones. ERR_LIMIT: too many or
 * too long names. */
MUST_CHECK enum err rooms_permit(struct cti_client *c, const struct cti_permissions *p);
/* The same, if these are newer than those it has. */
MUST_CHECK enum err rooms_learn(struct cti_client *c, const struct cti_permissions *p);
void rooms_leave(struct cti_client *c);

/* login.c */
void login_begin(struct cti_client *c, struct str args);
/* The client is going. */
void login_abandon(struct cti_login *l);
/* Something the login waits for has come, perhaps. */
void login_continue(struct cti_login *l);
/* The session has changed since it was looked up: an answer on its way may be the old one. */
void login_look_again(struct cti_login *l);
/* It goes on with the token that replaces its own. */
void login_rebind(struct cti_login *l, const char *jti);
/* Nothing stands in its way any more. */
void login_complete(struct cti_login *l);
/* An answer has come. False: there is nobody to tell. */
bool login_take_answer(struct cti_login *l);
/* It begins again when Redis is back. */
void login_wait_for_redis(struct cti_login *l);
/* Redis is back. */
void login_resume_all(struct cti *cti);
void login_on_retry(struct deadline *d, int64_t now_ms);

/* takeover.c */
/* Becomes the client in use, or waits for it to give way. */
void takeover_claim(struct cti_login *l);
void takeover_on_wait(struct deadline *d, int64_t now_ms);
/* The predecessor has agreed or is gone. */
void takeover_taken(struct cti_client *c);
/* Somebody (or nobody: the event alone) wants s and its like to give way. */
void takeover_ask(struct cti_client *c, const struct message *m);
void takeover_on_ack(struct cti_client *c);
/* No longer in use. */
void takeover_leave(struct cti_client *c);
void takeover_refresh(struct cti_client *c);

/* send.c: messages to other relays and users. */
void send_message(struct cti *cti, struct str channel, const struct message *m,
	pipeline_reply_fn *fn, void *arg);
void send_to_relay(struct cti *cti, const char *relay, const struct message *m,
	pipeline_reply_fn *fn, void *arg);
/* In evict_ms. */
void send_later(struct cti *cti, struct str channel, const struct message *m);
void send_on_time(struct deadline *d, int64_t now_ms);

/* liveness.c: what Redis knows of a client, kept alive; is its session still alive itself? */
void liveness_enter(struct cti_client *c);
void liveness_put_key(struct buf *ret_key, const struct cti_client *c);
void liveness_leave(struct cti_client *c);
/* The look each live client gets once in check_ms. */
void liveness_look(struct cti_client *c);
/* Whether its token is still good: who hears no is refused. */
void liveness_recheck(struct cti_client *c);
struct cti_ticket *ticket_new(const struct cti_client *c);

/* transcription.c: hearing what is said in a call (cti-api 2.2, 2.8). */
/* The user's permissions have changed; ext are his extensions. */
void transcription_permit(struct cti_client *c, struct str ext);
void transcription_start(struct cti_client *c, struct str args);
void transcription_stop(struct cti_client *c, struct str args);
/* Does the user still take part in the call? */
void transcription_look(struct cti_client *c);
void transcription_free(struct cti_client *c);

/* round.c: what is done little by little. */
void round_on_tick(struct deadline *d, int64_t now_ms);
void round_on_beat(struct deadline *d, int64_t now_ms);
/* leaving.c: the clients to be ended, at a rate. */
/* Ends the client soon; those already waiting go first. */
void leaving_add(struct cti_client *c, int64_t rate, enum sio_end how);
/* The same within resync_ms, all that wait together: it missed something and is to come back. */
void leaving_resync(struct cti_client *c);
/* Some of them, as many as are due. */
void leaving_end_some(struct cti *cti, int64_t passed_ms);

/* gap.c */
/* FNV-1a: of an epoch or a coalescing key, kept where the text would be too long; producers are no
 * strangers. */
uint64_t text_hash(struct str s);
/* Notes a message's sequence. Members of a channel that missed something are ended. */
void gap_note(struct cti_channel *ch, const struct message *m);
/* The channel is (again) subscribed: has something been missed meanwhile? */
void gap_ask(struct cti_channel *ch);
void gap_on_due(struct deadline *d, int64_t now_ms);
/* Goes on with what could not be asked. */
void gap_ask_some(struct cti *cti);
void gap_resync(struct cti_channel *ch);

/* catch_up.c */
/* What was published shortly before the client came, in the rooms that are fresh; once their channels
 * are confirmed. */
void catch_up_begin(struct cti_client *c);
/* Commands are taken again. */
void catch_up_ask_again(struct cti *cti);
/* A message that was delivered: nothing older shall follow it. */
void catch_up_note(struct cti *cti, const struct cti_channel *ch, const struct message *m);
void catch_up_free_all(struct cti *cti);

/* delivery.c */
void delivery_on_message(void *arg, struct subscription *sub, struct str raw);
/* To one client, if it is for it. */
void delivery_replay(struct cti_client *c, const struct cti_channel *ch, const struct message *m);

/* control.c */
void control_run(struct cti_channel *ch, const struct message *m);

/* user_message.c */
void user_message_send(struct cti_client *c, struct str args);

/* arguments.c: of events. */
/* The first argument, when it is an object of at most max members. */
bool arguments_object(struct str args, size_t max_members, struct arena *arena, struct str *ret);
/* A text member of at most max bytes, unescaped into the arena. */
bool arguments_text(
	struct str object, const char *member, struct arena *arena, size_t max, struct str *ret);
/* The first argument is no object, or a member has the wrong type. */
void client_bad_request(struct cti_client *c);

#endif
