/* What Redis or the API says about a session. */
#ifndef DIALTONE_RELAY_CTI_LOOKUP_RESULT_H
#define DIALTONE_RELAY_CTI_LOOKUP_RESULT_H

#include "base/arena.h"
#include "redis/session_copy.h"
#include "relay/core/rooms.h"

/* Texts are borrowed from the reply, or in the arena. */
struct lookup_result {
	struct str user;
	struct str domain, jti; /* the API's alone */
	bool otp_verified;
	int64_t expires_at; /* seconds since the epoch */
	struct cti_permissions permissions;
};

/* False: there is no copy, or one of an older version. */
bool lookup_result_of_copy(const struct redis_reply *reply, struct lookup_result *ret);
/* False: it is no answer. */
bool lookup_result_of_answer(struct str body, struct arena *arena, struct lookup_result *ret);
/* Names separated by spaces, as bits; those that are nothing to a relay are passed over. */
uint8_t lookup_result_capabilities(struct str names);

#endif
