/* The tokens in the database, by their hash. */
#ifndef DIALTONE_RESOURCES_CREATION_TOKENS_CREATION_TOKENS_PRIV_H
#define DIALTONE_RESOURCES_CREATION_TOKENS_CREATION_TOKENS_PRIV_H

#include "resources/creation_tokens/creation_token.h"

/* What a statement is told of a token; it takes what it names. */
struct token_row {
	struct str hash;
	const char *domain;
	int64_t account_id, expires_at; /* 0: none, never */
	const char *ip, *user_agent;
	struct str new_hash; /* of the token that takes its place */
};

struct token_state {
	bool used, expired;
};

MUST_CHECK enum err creation_store_add(
	struct service *s, const struct token_row *row, struct creation_token *ret);
/* Locks it. ERR_NOT_FOUND: unknown. */
MUST_CHECK enum err creation_store_hold(
	struct service *s, const struct token_row *row, struct token_state *ret);
/* ERR_NOT_FOUND: unknown, used or expired. */
MUST_CHECK enum err creation_store_take(
	struct service *s, const struct token_row *row, struct creation_token *ret);

MUST_CHECK enum err request_store_add(struct service *s, const struct token_row *row);
MUST_CHECK enum err request_store_validate(struct service *s, const struct token_row *row);
/* Uses it up and adds a creation token of new_hash and expires_at.  ERR_NOT_FOUND: unknown, used, expired, or
 * not validated; request_store_state() tells which. */
MUST_CHECK enum err request_store_exchange(
	struct service *s, const struct token_row *row, struct creation_token *ret);
MUST_CHECK enum err request_store_state(
	struct service *s, const struct token_row *row, struct token_state *ret);

struct push_query {
	const char *domain, *pn_provider, *pn_param, *pn_prid;
	int64_t minutes, unused_max;
};
/* Seconds until the device may have a token again, 0: now. */
MUST_CHECK enum err push_store_wait(struct service *s, enum push_purpose purpose,
	const struct push_query *q, int64_t *ret_seconds);

/* One that a device has, as it is stored. */
struct pushed_token {
	struct str hash;
	const char *domain;
	struct push_device device;
	int64_t expires_at; /* 0: never */
	const char *ip, *user_agent;
};
/* ERR_NOT_FOUND: the space is gone. */
MUST_CHECK enum err push_store_add(
	struct service *s, enum push_purpose purpose, const struct pushed_token *t);

#endif
