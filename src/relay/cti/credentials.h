/* What a client proves with the event login: the object it sends, its token read and verified. */
#ifndef DIALTONE_RELAY_CTI_CREDENTIALS_H
#define DIALTONE_RELAY_CTI_CREDENTIALS_H

#include "base/arena.h"
#include "crypto/keyring.h"
#include "crypto/session_token.h"
#include "relay/core/core.h"

struct credentials {
	enum cti_ua ua;
	struct str authorization; /* what the API is asked with */
	bool hmac;                /* a token of the HMAC login: the claims are what the API says */
	struct session_claims claims;
};

enum credentials_answer {
	CREDENTIALS_READ,
	CREDENTIALS_MALFORMED, /* the arguments are not those of a login */
	CREDENTIALS_REFUSED    /* they are, and open nothing */
};

/* Texts are in the arena. */
enum credentials_answer credentials_read(struct credentials *ret, struct str args,
	const struct keyring *keys, int64_t now_s, struct arena *arena);

#endif
