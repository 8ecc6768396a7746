/* DIGEST of RFC 7616 with the rules of accounts-api 3.2 (identity/prove.h). */
#include "identity/prove.h"

#include <string.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "crypto/ha1.h"
#include "crypto/secret.h"
#include "identity/lock.h"
#include "identity_priv.h"

#define EPOCH_POSTGRES 0 /* nonces of this epoch are counted in PostgreSQL */
#define NC_DIGITS      8

enum err digest_account(struct service *s, const char *username, const char *domain,
	struct subject_lookup *also, struct credentials *ret)
{
	enum err e = identity_credentials(s, username, domain, also, ret);

	ret->who.method = IDENTITY_DIGEST;
	return e;
}

void digest_challenge_make(
	struct service *s, const struct credentials *c, struct digest_challenge *ret)
{
	uint32_t epoch;

	if (s->nonces.epoch(s->nonces.ctx, &epoch) != ERR_OK)
		epoch = EPOCH_POSTGRES;
	*ret = (struct digest_challenge){
		.realm = c->who.realm, .md5 = c->md5 != NULL, .sha256 = c->sha256 != NULL
	};
	digest_nonce_make(s->keys, epoch, clock_wall_us() / CLOCK_SECOND_US, c->who.account_id,
		s->client.ip, ret->nonce);
	digest_opaque_make(s->keys, str_from(ret->nonce), ret->opaque);
}

static bool is(const char *given, const char *wanted)
{
	return given && strcmp(given, wanted) == 0;
}

static bool nc_parse(const char *nc, uint64_t *ret)
{
	uint64_t v = 0;

	if (!nc || strlen(nc) != NC_DIGITS || strspn(nc, "0123456789abcdefABCDEF") != NC_DIGITS)
		return false;
	for (; *nc; nc++)
		v = v << 4 | (uint64_t)(*nc <= '9' ? *nc - '0' : (*nc | 0x20) - 'a' + 10);
	*ret = v;
	return v > 0;
}

/* The fields that must be there and fit; all that do not are named. */
static void check_fields(
	const struct credentials *c, const struct digest_answer *a, struct field_errors *errors)
{
	uint64_t nc;
	enum digest_algorithm algorithm;
	const struct {
		const char *name;
		bool fits;
	} rules[] = {
		{ "uri", is(a->uri, a->path) || is(a->uri, a->target) },
		{ "qop", is(a->qop, "auth") },
		{ "realm", is(a->realm, c->who.realm) },
		{ "nc", nc_parse(a->nc, &nc) },
		{ "cnonce", a->cnonce && *a->cnonce },
		{ "algorithm", !a->algorithm ||
				       digest_algorithm_parse(str_from(a->algorithm), &algorithm) },
		{ "username", is(a->username, c->who.username) },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (!rules[i].fits)
			field_errors_add(errors, rules[i].name, &text_format);
}

static enum err check_nonce(const struct service *s, const struct credentials *c,
	const struct digest_answer *a, uint32_t *ret_epoch, int64_t *ret_left)
{
	int64_t issued;

	if (digest_nonce_check(s->keys, str_from(a->nonce), c->who.account_id, s->client.ip,
		    ret_epoch, &issued) != ERR_OK ||
		!digest_opaque_is_valid(s->keys, str_from(a->nonce), str_from(a->opaque)))
		return ERR_DIGEST_INVALID;
	*ret_left =
		issued + s->settings->digest_nonce_minutes * 60 - clock_wall_us() / CLOCK_SECOND_US;
	return *ret_left > 0 ? ERR_OK : ERR_DIGEST_STALE;
}

static enum err check_response(const struct credentials *c, const struct digest_answer *a)
{
	char expected[HA1_SIZE];
	enum digest_algorithm algorithm = DIGEST_MD5; /* RFC 7616, 3.3: the default */

	if (a->algorithm && !digest_algorithm_parse(str_from(a->algorithm), &algorithm))
		return ERR_DIGEST_ALGORITHM;
	const char *ha1 = algorithm == DIGEST_MD5 ? c->md5 : c->sha256;

	if (!ha1)
		return ERR_DIGEST_ALGORITHM;
	digest_response(algorithm,
		&(struct digest_parts){ .ha1 = str_from(ha1),
			.nonce = str_from(a->nonce),
			.nc = str_from(a->nc),
			.cnonce = str_from(a->cnonce),
			.qop = str_from(a->qop),
			.method = str_from(a->method),
			.uri = str_from(a->uri) },
		expected);
	return secret_is_equal(str_from(a->response), str_from(expected)) ? ERR_OK
									  : ERR_DIGEST_REFUSED;
}

/* Counted last, so that a nonce is used up only by a client that knows the password. */
static enum err take_nc(
	struct service *s, const struct digest_answer *a, uint32_t epoch, int64_t left)
{
	uint64_t nc = 0;
	enum err e;

	if (!nc_parse(a->nc, &nc))
		return ERR_DIGEST_INVALID;
	if (epoch == EPOCH_POSTGRES)
		e = nonce_store_advance(
			s, a->nonce, (int64_t)nc, clock_wall_us() + left * CLOCK_SECOND_US);
	else
		e = s->nonces.advance(s->nonces.ctx, epoch, a->nonce, nc, left);
	if (e == ERR_CONFLICT)
		return ERR_DIGEST_REPLAYED;
	/* Its counter is out of reach: a fresh nonce is counted where it can be. */
	return e == ERR_UNAVAILABLE && epoch != EPOCH_POSTGRES ? ERR_DIGEST_STALE : e;
}

/* Judged before the nonce is, whatever that is worth: no guess is free of the counters of wrong ones. */
static enum err check_password(
	struct service *s, const struct credentials *c, const struct digest_answer *a)
{
	enum err e = check_response(c, a);

	if (e != ERR_DIGEST_REFUSED && c->lock.wait_s == 0)
		return e;
	e = lock_take_wrong(s, DOOR_DIGEST, c->who.username, c->who.domain, c);
	return e == ERR_OK ? ERR_DIGEST_REFUSED : e;
}

static enum err check_use(
	struct service *s, const struct credentials *c, const struct digest_answer *a)
{
	uint32_t epoch;
	int64_t left;
	enum err e = check_nonce(s, c, a, &epoch, &left);

	return e == ERR_OK ? take_nc(s, a, epoch, left) : e;
}

static enum err check_all(
	struct service *s, const struct credentials *c, const struct digest_answer *a)
{
	bool locked = false;
	enum err e = check_password(s, c, a);

	if (e == ERR_OK)
		e = check_use(s, c, a);
	if (e == ERR_OK)
		e = lock_take_right(s, DOOR_DIGEST, c, &locked);
	return e == ERR_OK && locked ? ERR_DIGEST_REFUSED : e;
}

static bool is_whole(const struct digest_answer *a)
{
	return a->nonce && *a->nonce && a->opaque && *a->opaque && a->response && *a->response;
}

enum err digest_verify(struct service *s, const struct credentials *c,
	const struct digest_answer *a, struct digest_challenge *ret_same)
{
	enum err e;

	if (!is_whole(a))
		return ERR_DIGEST_REFUSED;
	check_fields(c, a, s->errors);
	if (s->errors->count)
		return ERR_INVALID;
	e = check_all(s, c, a);
	if (e != ERR_OK)
		return e;
	*ret_same = (struct digest_challenge){
		.realm = c->who.realm, .md5 = c->md5 != NULL, .sha256 = c->sha256 != NULL
	};
	memcpy(ret_same->nonce, a->nonce, sizeof(ret_same->nonce));
	memcpy(ret_same->opaque, a->opaque, sizeof(ret_same->opaque));
	return ERR_OK;
}
