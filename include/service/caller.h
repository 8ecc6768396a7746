/*
 * Who is calling: one account, however it proved itself (design.md section 3, "One identity").
 * JWT, API key, DIGEST, and later client certificate and external JWT all end here.
 */
#ifndef DIALTONE_SERVICE_CALLER_H
#define DIALTONE_SERVICE_CALLER_H

#include "base/field.h"
#include "resources/accounts/fields.h"
#include "resources/spaces/fields.h"

/* How it proved itself; the bits are those of the setting admin_auth_methods. */
enum identity_method {
	IDENTITY_NONE = 0,
	IDENTITY_KEY = 1 << 0,
	IDENTITY_DIGEST = 1 << 1,
	IDENTITY_JWT = 1 << 2,
	IDENTITY_HMAC = 1 << 3,       /* a token of the HMAC login; no administrator's */
	IDENTITY_CERTIFICATE = 1 << 4 /* a client certificate; for a ROW_CERTIFICATE */
};

struct identity {
	enum identity_method method;
	bool from_cookie; /* the key came in a cookie: no state change for another site */
	int64_t account_id;
	const char *username, *domain;
	const char *realm; /* resolved: the space's, or the domain */
	bool admin, super; /* super: its domain belongs to a super space */
	bool blocked, space_expired;
	bool second_factor;  /* the account has one, or its space requires one */
	struct str key_hash; /* IDENTITY_KEY: of the key it came with */
	/* The number of the newest change of a space, of the same moment (resources/spaces/space.h). */
	int64_t spaces_version;
	bool from_provider; /* IDENTITY_JWT: a token of the space's identity provider, whose jti is "" */
	/* IDENTITY_JWT; jti and expires_at also IDENTITY_HMAC */
	const char *jti, *audience;
	bool two_factor, otp_verified;
	bool must_enrol;    /* may do nothing but set up its second factor */
	bool replaced;      /* by a newer token: good for calls in flight only */
	int64_t expires_at; /* microseconds */
	/* The account itself when the endpoint asked for it, else NULL. */
	struct account *account;
};

/* clang-format off */
/* Columns of accounts `a`.  What its space says of it is not among them: the gate knows the spaces. */
#define IDENTITY_SPACE_FIELDS(st, p)                                                                \
	FIELD_BOOL_AS(st, p second_factor, "second_factor",                                         \
		.column = "(a.two_factor OR a.must_enrol_at IS NOT NULL)"),                         \
	FIELD_INT_AS(st, p spaces_version, "spaces_version",                                        \
		.column = "(SELECT v.version FROM spaces_version v)")
/* For logins, which are not behind the gate. */
#define IDENTITY_EXPIRED_FIELD(st, p)                                                               \
	FIELD_BOOL_AS(st, p space_expired, "space_expired",                                         \
		.column = "(SELECT space_ends_at(e) <= now() FROM spaces e WHERE e.domain = a.domain)" \
			  " IS TRUE")
#define IDENTITY_FIELDS(st, p)                                                                      \
	FIELD_INT_AS(st, p account_id, "account_id", .column = "id"),                               \
	FIELD_TEXT_AS(st, p username, "username"),                                                  \
	FIELD_TEXT_AS(st, p domain, "domain"),                                                      \
	FIELD_TEXT_AS(st, p realm, "realm", .column = "coalesce(a.space_realm, a.domain)"),         \
	FIELD_BOOL_AS(st, p admin, "admin"),                                                        \
	FIELD_BOOL_AS(st, p blocked, "blocked"),                                                    \
	IDENTITY_SPACE_FIELDS(st, p)
/* clang-format on */

/* What is counted against those who try passwords of an account from a network (identity/lock.h). */
struct password_lock {
	bool failed;        /* wrong ones of this account, from this network */
	bool network_known; /* the account logged in from there */
	bool seen_today;    /* and that is written down */
	int64_t wait_s;     /* above 0: refused for so long */
	/* What of that is this account's on this network, and what the network's or the account's as a
	 * whole, which may be more than wait_s on a known network. */
	int64_t pair_wait_s, wide_wait_s;
};

/* An account and what its password is compared with: DIGEST and login. */
struct credentials {
	struct identity who;
	struct password_lock lock;
	const char *md5, *sha256; /* HA1 in hexadecimal, NULL when there is none */
	const char *display_name;
};

/* A request that came in below /webrest. */
struct deprecated_call {
	bool present;
	bool hmac;        /* it carries a token of the HMAC login */
	const char *user; /* the name the client gave; NULL: none */
	struct str token;
};

/* Who calls, and for which space. */
struct caller {
	struct identity identity;  /* method IDENTITY_NONE: nothing is proved */
	const struct space *space; /* of the host; NULL where a row needs none */
	/* DIGEST: the account of the From header, and the challenge to repeat on success. */
	struct credentials credentials;
	bool credentials_known;
	struct deprecated_call deprecated;
	/* Of a bearer token that was refused; NULL: not known more closely. */
	const char *token_fault;
};

#endif
