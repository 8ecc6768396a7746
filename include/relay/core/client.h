/* One client: whose it is, which token it uses, how it goes live and how it ends. */
#ifndef DIALTONE_RELAY_CORE_CLIENT_H
#define DIALTONE_RELAY_CORE_CLIENT_H

#include "base/arena.h"
#include "base/err.h"
#include "permissions/relay_capability.h"
#include "redis/message.h"
#include "relay/core/core.h"

#define CLIENT_JTI_MAX 128

/* It becomes the data of sio, and is freed by client_free(). */
struct cti_client *client_new(struct core *core, struct sio *sio);
void client_free(struct cti_client *c);
/* Joins the user's channel. ERR_LIMIT: too long a name. */
MUST_CHECK enum err client_enter(struct cti_client *c, struct str domain, struct str user);
bool client_may(const struct cti_client *c, enum relay_capability capability);
/* Whether it is in its user's channel and all its channels are confirmed. */
bool client_is_confirmed(const struct cti_client *c);
/* The client belongs to this token from now on. */
void client_bind(struct cti_client *c, const char *jti, int64_t expires_at);
/* It is logged in, or has renewed its token. */
void client_go_live(struct cti_client *c);
/* The look each live client gets once in check_ms. */
void client_look(struct cti_client *c);
/* 401, 41 and the end. */
void client_refuse(struct cti_client *c, enum close_reason why);
/* 41 and the end. */
void client_send_away(struct cti_client *c, enum close_reason why);
/* One is sent away because its user has too many: counts and logs it. */
void client_note_crowd(struct core *core);
/* The end of the transport: the client comes back. */
void client_close(struct cti_client *c, enum sio_end how, enum close_reason why);
/* It has sent what cannot be understood: it is told so, or ended when it does so too often. */
void client_bad_request(struct cti_client *c);
/* To be called now and then: few tokens end within the minute, those alone are timed. */
void client_time_expiry(struct cti_client *c);
void client_on_expiry(struct deadline *d, int64_t now_ms);
const char *ua_name(uint8_t ua); /* "" for none */
struct str client_domain(const struct cti_client *c);
/* Whether a message of its channel, an event or an order, is for this client: a, j and q (cti-api 3.2). */
bool client_is_meant(const struct cti_client *c, const struct message *m);
/* Decoded, in the arena. */
const char *client_user(const struct cti_client *c, struct arena *arena);

#endif
