/*
 * What every rule needs to do its work: the store, the keys, the settings and a few functions of the
 * world outside.  No HTTP, JSON, SQL or Redis here.
 *
 * One `struct domain` serves one process; `arena` and `client` change with each request.
 */
#ifndef DIALTONE_DOMAIN_DOMAIN_H
#define DIALTONE_DOMAIN_DOMAIN_H

#include <regex.h>

#include "base/arena.h"
#include "base/err.h"
#include "crypto/keyring.h"
#include "store/store.h"

struct spaces;
struct key_uses;
struct token_cache;

/* Settings, by the names of accounts-api section 6. */
struct domain_settings {
	bool single_space_fallback;
	unsigned admin_auth_methods; /* enum identity_method */
	int64_t digest_nonce_minutes;
	int64_t api_key_expiration_minutes; /* 0: never */
	int64_t session_days;
	int64_t provisioning_token_expiration_minutes; /* 0: never */
	int64_t account_username_min_length, account_password_min_length;
	const char *account_username_regex;
	const char *account_blacklisted_usernames; /* comma list of words and patterns */
	bool allow_phone_number_username_admin_api;
	bool public_account_info;
};

/* Replay counters in Redis. Every call may answer ERR_UNAVAILABLE: then PostgreSQL keeps them. */
struct nonce_counter {
	/* The incarnation of Redis, never 0; counters of another one are lost. */
	enum err (*epoch)(void *ctx, uint32_t *ret);
	/* ERR_CONFLICT: nc is not above the last one; ERR_DIGEST_STALE: another incarnation. */
	enum err (*advance)(
		void *ctx, uint32_t epoch, const char *nonce, uint64_t nc, int64_t seconds);
	void *ctx;
};

struct live_session {
	const char *jti, *username, *domain, *audience;
	bool otp_verified;
	int64_t expires_at; /* microseconds */
};

/* The copy of live sessions that relays read. Losing it costs them a question to the API. */
struct session_mirror {
	void (*put)(void *ctx, const struct live_session *s);
	void (*drop)(void *ctx, const char *domain, const char *jti);
	void *ctx;
};

/* Where the request comes from. */
struct client {
	const char *ip;
	const char *user_agent; /* NULL when it did not say */
};

struct domain {
	struct store *store;
	const struct keyring *keys;
	struct token_cache *tokens;
	const struct domain_settings *settings;
	struct nonce_counter nonces;
	struct session_mirror mirror;
	struct spaces *spaces;
	struct key_uses *key_uses;
	/* Of this request. */
	struct arena *arena;
	struct client client;
};

#endif
