/*
 * What every rule is handed to do its work: the database, the keys, the settings and a few functions
 * of the world outside.
 *
 * One `struct service` serves one process; `arena` and `client` change with each request.  Texts and
 * arrays in the results of rules live in that arena, until the end of the request; what is passed in
 * is borrowed for the call.  Any rule that asks the database may answer ERR_UNAVAILABLE or
 * ERR_INTERNAL, and ERR_RETRY inside a transaction; headers name the others.
 */
#ifndef DIALTONE_SERVICE_SERVICE_H
#define DIALTONE_SERVICE_SERVICE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/field_errors.h"
#include "base/nfc.h"
#include "base/pace.h"
#include "conf/rule_settings.h"
#include "crypto/keyring.h"

struct pg;
struct spaces;
struct tally;
struct rate_table;
struct limits;
struct token_cache;
struct username_policy;
struct common_passwords;
struct permissions;
struct push_gateway;
struct rows;
struct audit_entry;

/* Replay counters in Redis. Every call may answer ERR_UNAVAILABLE: then PostgreSQL keeps them. */
struct nonce_counter {
	/* The incarnation of Redis, never 0; counters of another one are lost. */
	enum err (*epoch)(void *ctx, uint32_t *ret);
	/* ERR_CONFLICT: nc is not above the last one; ERR_DIGEST_STALE: another incarnation. */
	enum err (*advance)(
		void *ctx, uint32_t epoch, const char *nonce, uint64_t nc, int64_t seconds);
	void *ctx;
};

/* A token of the HMAC login, kept by the hash of its text. */
struct hmac_token {
	const char *hash; /* SHA-256 in hexadecimal */
	int64_t account_id;
	const char *domain;         /* the account's */
	const char *password_print; /* see resources/hmac_login/hmac_login.h */
	int64_t ends_at;            /* microseconds; no use makes it live longer */
	bool lasting;               /* asked for without expiry; an account has one of these */
};

/* These tokens live in Redis alone: while it is away none of them opens anything, and each call
 * answers ERR_UNAVAILABLE. */
struct hmac_tokens {
	/* Replaces the lasting one of the account if it is one. */
	enum err (*put)(void *ctx, const struct hmac_token *t, int64_t seconds);
	/* ERR_NOT_FOUND. */
	enum err (*get)(void *ctx, const char *hash, struct arena *arena, struct hmac_token *ret);
	enum err (*renew)(void *ctx, const char *hash, int64_t seconds);
	enum err (*drop)(void *ctx, const char *hash);
	enum err (*drop_lasting)(void *ctx, int64_t account_id);
	void *ctx;
};

/* Whether requests can be answered, as monitors ask. */
struct readiness {
	/* NULL, or what is missing in a word. */
	const char *(*missing)(void *ctx);
	/* Without it all works, some of it slower; as it was then. */
	bool (*has_redis)(void *ctx);
	void *ctx;
};

struct live_session {
	const char *jti, *username, *domain, *audience;
	bool otp_verified;
	int64_t expires_at; /* microseconds */
	const struct permissions *permissions;
};

/* The copy of live sessions that relays read. Losing it costs them a question to the API. */
struct session_copies {
	void (*put)(void *ctx, const struct live_session *s);
	void (*drop)(void *ctx, const char *domain, const char *jti);
	/* Whose it is and whether its second factor is proved, for when PostgreSQL is away.  ERR_NOT_FOUND:
	 * revoked, expired or forgotten. */
	enum err (*find)(void *ctx, const char *domain, const char *jti, struct arena *arena,
		const char **ret_username, bool *ret_otp_verified);
	void *ctx;
};

/* The last answers of GET /api/user/me in Redis, one an account (cti-api 1.14 b). */
struct me_copies {
	/* Any bytes. */
	void (*put)(void *ctx, const char *domain, const char *username, struct str copy);
	/* ERR_NOT_FOUND. In the arena. */
	enum err (*get)(void *ctx, const char *domain, const char *username, struct arena *arena,
		struct str *ret);
	void (*drop)(void *ctx, const char *domain, const char *username);
	void *ctx;
};

/* What dialtone-pbx says of phones and calls: see resources/live_states. */
struct live_states {
	/* The values of n fields of a domain in their order, .p NULL: there is none.  ERR_UNAVAILABLE. */
	enum err (*get)(void *ctx, const char *domain, const struct str *fields, size_t n,
		struct arena *arena, struct str *ret);
	void *ctx;
};

/* What a bucket gave: requests, or how long until there is something in it again. */
struct rate_grant {
	int64_t count; /* 0: nothing */
	int64_t left;  /* in the bucket, behind these */
	int64_t wait_us;
};

/* Whose requests are limited together. */
enum rate_kind {
	RATE_SESSION,       /* those of one token */
	RATE_ACCOUNT,       /* those of one account to the accounts API */
	RATE_NETWORK,       /* those of one network without a valid credential */
	RATE_TOKENS_MINUTE, /* those of one network that make or validate a token */
	RATE_TOKENS_DAY,    /* the same in a day */
	RATE_PUSH,          /* push notifications of one account */
	RATE_KINDS
};

/* Buckets of requests in Redis. */
struct rate_limit {
	const char *setting; /* its name in the configuration */
	int64_t each_us;     /* between two that come steadily; 0: no limit */
	int64_t burst;       /* at once */
	int64_t share;       /* see take */
	/* Takes one request out of the bucket, or the share-th part of what is left in it when that
	 * is more.  ERR_UNAVAILABLE: then each process keeps its own buckets. */
	enum err (*take)(void *ctx, const char *subject, const struct rate_limit *limit,
		struct rate_grant *ret);
	/* The same in two steps, with something else between them that does not ask Redis; NULL: it cannot. */
	enum err (*ask)(void *ctx, const char *subject, const struct rate_limit *limit);
	enum err (*answer)(void *ctx, struct rate_grant *ret);
	void *ctx;
};

/* Where SIP devices register, a Redis of the SIP server: see resources/devices.  aor: "user@domain". */
struct device;
struct device_registry {
	/* Devices, none twice. */
	enum err (*list)(void *ctx, const char *aor, int64_t until_ms, struct arena *arena,
		struct rows *ret);
	/* ERR_NOT_FOUND: it is not registered any more. */
	enum err (*remove)(void *ctx, const char *aor, const struct device *d, int64_t until_ms,
		struct arena *arena);
	void *ctx;
};

/* Orders to the SIP server. */
struct sip_rpc {
	/* params: a JSON array; the result, as JSON, in the arena; it may be NULL.  ERR_NOT_FOUND: the server
	 * knows no such thing; ERR_REFUSED never; any other: it did not, or that is not known. */
	enum err (*call)(void *ctx, const char *method, struct str params, int64_t until_ms,
		struct arena *arena, struct str *ret_result);
	void *ctx;
};

/* What the SIP server does not tell of itself, since it was told to: JSON (sip-integration 3.3).  Losing one
 * costs a listener the time until it looks again. */
struct sip_events {
	void (*publish)(void *ctx, const char *json);
	void *ctx;
};

/* See service/waiting.h. */
struct waiting_room {
	int file; /* its places are locks on it, which end with their process; 0: there is no room */
	int64_t places; /* how many of them are used */
};

/* Where the request comes from. */
struct client {
	const char *ip;
	const char *user_agent; /* NULL when it did not say */
	bool origin_is_opaque;  /* a page of the origin null or file://, which may be any page */
	const char *domain;     /* of the space whose host it asks; NULL: not known */
};

/* What the log says of them is bounded (identity/failed_login.h). */
struct failed_logins {
	struct pace lines;
	uint64_t left_out;
};

/* What rules know of what a change is about (service/audit.h). */
struct audit_about {
	const char *username, *domain;
	int64_t account_id;
	const char *made;
};

struct service {
	struct pg *pg;
	const struct keyring *keys;
	struct token_cache *tokens;
	const struct rule_settings *settings;
	const struct username_policy *usernames;
	const struct common_passwords *common_passwords;
	struct nonce_counter nonces;
	struct session_copies copies;
	struct me_copies me_copies;
	struct live_states live_states;
	struct rate_limit rates[RATE_KINDS];
	struct hmac_tokens hmac_tokens;
	struct device_registry device_registry;
	struct sip_rpc sip_rpc;
	struct sip_events sip_events;
	struct spaces *spaces;
	struct tally *key_uses, *session_uses,
		*deprecated_uses; /* counted here, written by their owners */
	struct rate_table *rate_table;
	struct push_gateway *push; /* gateways/push.h */
	struct limits *limits;     /* what was refused (service/limit.h) */
	uint64_t *counts;          /* what was decided (service/count.h); NULL: it is not counted */
	struct readiness readiness;
	struct failed_logins failed_logins;
	struct waiting_room waiting;
	/* Tells dialtone-jobs that there is something in the outbox. */
	void (*wake)(void *ctx);
	void *wake_ctx;
	/* Of this request. */
	struct arena *arena;
	struct field_errors *errors;       /* what is wrong with its fields */
	const struct nfc_changes *changes; /* how its names and passwords were sent */
	struct client client;
	/* Who asks for a change and for what (service/audit.h); NULL: what is changed leaves no trail. */
	void (*trail)(void *ctx, struct audit_entry *ret);
	void *trail_ctx;
	struct audit_about about;
	const struct refusal *refusal; /* with ERR_REFUSED: the reason (service/refusal.h) */
	int64_t retry_after_s;         /* a refusal is for so long; 0: it does not say */
	/* The bucket that refused the request, else that of the account: what it gives a minute, and what is left in it.
	 * 0 a minute: none is known of. */
	int64_t rate_a_minute, rate_left;
};

/* After a commit that a rule made by itself: there may be something in the outbox. */
static inline void service_wake(struct service *s)
{
	if (s->wake)
		s->wake(s->wake_ctx);
}

#endif
