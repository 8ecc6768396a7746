/*
 * Proving who is calling (accounts-api section 3, cti-api 1.3).
 *
 * Each function takes one kind of credential and answers with the account behind it.  What the
 * identity may do is not decided here but by the auth level of the endpoint.  `also` is looked up in the
 * same exchange, whether the credential is good or not; NULL: nothing.
 */
#ifndef DIALTONE_IDENTITY_PROVE_H
#define DIALTONE_IDENTITY_PROVE_H

#include "service/refusal.h"
#include "base/field_errors.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "service/service.h"
#include "service/caller.h"
#include "service/subject.h"

/* ERR_REFUSED: unknown, expired, or bound to another address. */
MUST_CHECK enum err identity_by_key(struct service *s, const char *key, bool with_account,
	struct subject_lookup *also, struct identity *ret);
/* A use of its key, where it came with one: once a request, however often it was proved. */
void identity_count_key(struct service *s, const struct identity *who);

/* counted: a request will be taken out of the bucket of its session (identity/rate.h).
 * ERR_TOKEN_INVALID, ERR_TOKEN_EXPIRED, ERR_TOKEN_REVOKED. */
MUST_CHECK enum err identity_by_token(struct service *s, struct str token, bool with_account,
	bool counted, struct subject_lookup *also, struct identity *ret);

/* Say ahead what these two will ask the database (pg_ahead()); with a credential that is no good, nothing. */
void identity_by_key_ahead(
	struct service *s, const char *key, bool with_account, struct subject_lookup *also);
void identity_by_token_ahead(
	struct service *s, struct str token, bool with_account, struct subject_lookup *also);

/* The account that another one vouches for (resources/spaces/provider.h): of this domain, and for an e-mail
 * address the only one that has it. ERR_NOT_FOUND. */
MUST_CHECK enum err identity_by_address(struct service *s, const char *domain, const char *username,
	struct subject_lookup *also, struct identity *ret);
MUST_CHECK enum err identity_by_email(struct service *s, const char *domain, const char *email,
	struct subject_lookup *also, struct identity *ret);

/* An account with its HA1s. ERR_NOT_FOUND. */
MUST_CHECK enum err identity_credentials(struct service *s, const char *username,
	const char *domain, struct subject_lookup *also, struct credentials *ret);

/* RFC 7616: what the server offers one account. */
struct digest_challenge {
	const char *realm;
	char nonce[DIGEST_NONCE_SIZE], opaque[DIGEST_NONCE_SIZE];
	bool md5, sha256; /* a password is stored for it */
	bool stale;       /* only the nonce was at fault: try again without asking for a password */
};

/* What the client answered; NULL where it sent nothing. */
struct digest_answer {
	const char *method;        /* of the request */
	const char *path, *target; /* of the request: undecoded, without and with the query */
	const char *realm, *username, *nonce, *uri, *nc, *cnonce, *qop, *response, *opaque,
		*algorithm;
};

/* The account a From header names. ERR_NOT_FOUND. */
MUST_CHECK enum err digest_account(struct service *s, const char *username, const char *domain,
	struct subject_lookup *also, struct credentials *ret);
/* A fresh challenge. */
void digest_challenge_make(
	struct service *s, const struct credentials *c, struct digest_challenge *ret);
/* ERR_OK: *ret_same repeats the challenge that was answered, for the next request.
 * ERR_DIGEST_*: refused, send a fresh challenge.  ERR_INVALID: the fields named in s->errors. */
MUST_CHECK enum err digest_verify(struct service *s, const struct credentials *c,
	const struct digest_answer *a, struct digest_challenge *ret_same);

/* What a session is told whose second factor is not proved yet. */
extern const struct refusal identity_otp_required;

#endif
