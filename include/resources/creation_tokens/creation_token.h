/*
 * Tokens with which people make accounts (accounts-api 9.1): how they come about, and how they are used up.
 *
 * A token opens something once, in its own space; one of another space is unknown.  Only its hash is stored.
 */
#ifndef DIALTONE_RESOURCES_CREATION_TOKENS_CREATION_TOKEN_H
#define DIALTONE_RESOURCES_CREATION_TOKENS_CREATION_TOKEN_H

#include "base/subject.h"
#include "resources/creation_tokens/fields.h"
#include "resources/push/push.h"
#include "service/caller.h"
#include "service/service.h"

MUST_CHECK enum err creation_token_make(
	struct service *s, const char *domain, struct creation_token *ret);

/* For those who make something with it.  Inside a transaction: none else can take it until that ends.  What is
 * wrong with it is added to s->errors; NULL: nothing is. */
MUST_CHECK enum err creation_token_hold(struct service *s, const char *domain, const char *token);
/* After that; for the account that was made, or found.  ERR_NOT_FOUND: it is unknown, used or expired, or the
 * account is gone. */
MUST_CHECK enum err creation_token_take(struct service *s, const char *domain, const char *token,
	int64_t account_id, struct creation_token *ret);

/* A token that becomes a creation token once a person has confirmed it on its page. */
struct request_token {
	const char *token, *validation_url;
};
MUST_CHECK enum err request_token_make(
	struct service *s, const char *domain, struct request_token *ret);
/* {token}: one that is neither used nor expired; struct request_token_found. */
extern const struct subject request_token_open;
struct request_token_found {
	bool validated;
};
/* ERR_NOT_FOUND: unknown, used or expired. */
MUST_CHECK enum err request_token_validate(
	struct service *s, const char *domain, const char *token);
/* ERR_NOT_FOUND: it is not confirmed, or has expired; ERR_INVALID, with the field in s->errors: it is
 * unknown or used. */
MUST_CHECK enum err request_token_exchange(
	struct service *s, const char *domain, const char *token, struct creation_token *ret);

extern const struct refusal push_throttled, push_throttled_429;
/* Of what it sends a token for. */
enum push_purpose { PUSH_CREATION, PUSH_RECOVERY, PUSH_PURPOSES };
/* Waits for the service that delivers it, so not inside a transaction.  push_throttled or push_throttled_429, with
 * s->retry_after_s; push_unavailable, waiting_full: nothing is stored. */
MUST_CHECK enum err push_token_send(struct service *s, enum push_purpose purpose,
	const char *domain, const struct push_device *device);

#endif
