#include "domain/cti_session.h"

#include <string.h>

#include "base/clock.h"
#include "crypto/ha1.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/session_token.h"
#include "store/identity_store.h"
#include "store/session_store.h"

#define DAY_US (24 * 3600 * CLOCK_SECOND_US)

/* "Alice@Sip.Example.Org" is alice of that domain; without one, of the space of the host. */
static void split_name(struct domain *d, const struct space *space, const char *name,
	const char **ret_username, const char **ret_domain)
{
	char *username = arena_strdup(d->arena, name);

	str_lower(username);
	char *at = strrchr(username, '@');

	*ret_username = username;
	*ret_domain = space->domain;
	if (at) {
		*at = '\0';
		*ret_domain = at + 1;
	}
}

static bool ha1_fits(enum digest_algorithm algorithm, const struct credentials *c,
	const char *password, const char *stored)
{
	char ha1[HA1_SIZE];

	ha1_make(algorithm, str_from(c->who.username), str_from(c->who.realm), str_from(password),
		ha1);
	return secret_is_equal(str_from(ha1), str_from(stored));
}

/* Both hashes are made whatever is stored, also for nobody: the time tells nothing. */
static bool password_fits(const struct credentials *c, const char *password)
{
	bool md5 = ha1_fits(DIGEST_MD5, c, password, c->md5);
	bool sha256 = ha1_fits(DIGEST_SHA256, c, password, c->sha256);

	return md5 | sha256;
}

static enum err open_session(struct domain *d, const struct credentials *c, struct cti_token *ret)
{
	const char *jti = random_id(d->arena);
	int64_t now = clock_wall_us() / CLOCK_SECOND_US * CLOCK_SECOND_US;
	int64_t expires_at = now + d->settings->session_days * DAY_US;
	char *token;

	enum err e = session_token_make(d->keys,
		&(struct session_claims){ .id = c->who.username,
			.domain = c->who.domain,
			.jti = jti,
			.issued_at = now / CLOCK_SECOND_US,
			.expires_at = expires_at / CLOCK_SECOND_US },
		d->arena, &token);

	if (e == ERR_OK)
		e = session_store_insert(d->store, &(struct session_row){ .jti = jti,
							   .account_id = c->who.account_id,
							   .ip = d->client.ip,
							   .user_agent = d->client.user_agent,
							   .expires_at = expires_at });
	if (e != ERR_OK)
		return e;
	d->mirror.put(d->mirror.ctx, &(struct live_session){ .jti = jti,
					     .username = c->who.username,
					     .domain = c->who.domain,
					     .expires_at = expires_at });
	*ret = (struct cti_token){ token, expires_at };
	return ERR_OK;
}

enum err cti_login(struct domain *d, const struct space *space, const struct cti_login *in,
	struct cti_token *ret)
{
	struct credentials c = { .who = { .username = "", .realm = "" } };
	const char *username, *domain;
	enum err e;

	split_name(d, space, in->username, &username, &domain);
	e = identity_store_credentials(d->store, d->arena, username, domain, &c);
	if (e != ERR_OK && e != ERR_NOT_FOUND)
		return e;
	bool fits = password_fits(&c, in->password);

	if (e == ERR_NOT_FOUND || !fits || c.who.blocked)
		return ERR_LOGIN_REFUSED;
	if (c.who.space_expired)
		return ERR_SPACE_EXPIRED;
	return open_session(d, &c, ret);
}

enum err cti_logout(struct domain *d, const struct identity *who)
{
	enum err e = session_store_revoke(d->store, who->jti);

	if (e == ERR_OK)
		d->mirror.drop(d->mirror.ctx, who->domain, who->jti);
	return e == ERR_NOT_FOUND ? ERR_TOKEN_REVOKED : e;
}

void cti_session_mirror(struct domain *d, const struct identity *who)
{
	d->mirror.put(d->mirror.ctx, &(struct live_session){ .jti = who->jti,
					     .username = who->username,
					     .domain = who->domain,
					     .audience = who->audience,
					     .otp_verified = who->otp_verified,
					     .expires_at = who->expires_at });
}
