#include "resources/hmac_login/hmac_login.h"

#include <string.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/sip_address.h"
#include "base/tally.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "identity/failed_login.h"
#include "identity/password.h"
#include "identity/prove.h"
#include "hmac_login_priv.h"
#include "events/outbox.h"
#include "resources/sessions/fields.h"
#include "resources/sessions/login.h"
#include "service/refusal.h"

#define DAY_S         ((int64_t)24 * 3600)
#define IDLE_S        (10 * DAY_S)
#define LONGEST_S     (30 * DAY_S)
#define LASTING_S     (365 * DAY_S)
#define PRINT_CONTEXT "legacy"
#define USE_TEXT_MAX  256
#define USE_NAME_MAX  64
#define UTF8_CONT     0xc0 /* the two high bits of a continuation byte are 10 */
#define UTF8_START    0x80

const struct refusal deprecated_gone = { 410, "legacy_gone",
	UNTRANSLATED("legacy authentication is no longer available") };

static const char *hash_of(struct service *s, struct str token)
{
	char lower[HMAC_TOKEN_SIZE];

	memcpy(lower, token.p, token.n);
	lower[token.n] = '\0';
	str_lower(lower);
	return hash_text_hex(s->arena, lower);
}

/* Tells two states of a password apart and nothing about either. */
static const char *password_print(struct service *s, const struct credentials *c)
{
	const struct key *key = keyring_current(s->keys, KEY_TOKEN);

	return hash_hmac_hex(s->arena, key,
		arena_printf(s->arena, PRINT_CONTEXT ":%lld:%s:%s", (long long)c->who.account_id,
			c->md5 ? c->md5 : "", c->sha256 ? c->sha256 : ""));
}

/* Resolves a typed name. Unknown users run the same number of queries as known ones, so timing reveals
 * nothing. */
static enum err resolve(struct service *s, const char *home, const char *typed,
	struct hmac_login_name *ret, const char **ret_domain)
{
	const struct sip_address name = sip_address_from_name(s->arena, str_from(typed));
	enum err e;

	*ret_domain = name.domain ? name.domain : home;
	*ret = (struct hmac_login_name){ .username = name.user };
	e = hmac_store_resolve(s, *ret_domain, name.user, ret);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err keep(
	struct service *s, const struct credentials *c, const char *token, bool lasting)
{
	int64_t longest = lasting ? LASTING_S : LONGEST_S;

	return s->hmac_tokens.put(s->hmac_tokens.ctx,
		&(struct hmac_token){ .hash = hash_of(s, str_from(token)),
			.account_id = c->who.account_id,
			.domain = c->who.domain,
			.password_print = password_print(s, c),
			.ends_at = clock_wall_us() + longest * CLOCK_SECOND_US,
			.lasting = lasting },
		lasting ? longest : IDLE_S);
}

enum err hmac_login(struct service *s, const struct space *space, const struct hmac_login *in,
	bool lasting, char ret_nonce[HMAC_TOKEN_SIZE])
{
	char token[HMAC_TOKEN_SIZE];
	struct login_row row = { 0 };
	struct hmac_login_name name;
	const char *domain;
	enum err e = resolve(s, space->domain, in->username, &name, &domain);

	if (e == ERR_OK)
		e = password_check(s, DOOR_HMAC_LOGIN, name.username, domain, in->password, &row);
	if (refused_as(s, e, &password_wrong))
		return refused(s, &login_refused);
	if (e != ERR_OK)
		return e;
	const struct identity *who = &row.credentials.who;

	/* The password alone opens nothing to users who have a second factor (cti-api 5.10). */
	if (who->blocked || who->space_expired || row.two_factor || row.must_enrol) {
		failed_login_log(s, &(struct failed_login){ DOOR_HMAC_LOGIN,
					    who->blocked ? FAULT_BLOCKED : FAULT_NOT_HERE,
					    who->account_id, name.username, domain });
		return refused(s, &login_refused);
	}
	hmac_nonce_make(ret_nonce);
	/* The client computes with what it has sent, not with the normal form. */
	hmac_token_make(str_from(nfc_as_sent(s->changes, in->username)),
		str_from(nfc_as_sent(s->changes, in->password)), str_from(ret_nonce), token);
	return keep(s, &row.credentials, token, lasting);
}

static enum err renew(struct service *s, const struct hmac_token *t, int64_t *ret_expires_at)
{
	int64_t now = clock_wall_us();
	int64_t left = (t->ends_at - now) / CLOCK_SECOND_US;

	if (left <= 0)
		return ERR_UNAUTHENTICATED;
	if (!t->lasting && left > IDLE_S)
		left = IDLE_S;
	*ret_expires_at = now + left * CLOCK_SECOND_US;
	return s->hmac_tokens.renew(s->hmac_tokens.ctx, t->hash, left);
}

/* The account the client names, as far as the password alone opens anything to it. */
static enum err find_open(
	struct service *s, const char *home, const char *typed, struct credentials *ret)
{
	struct hmac_login_name name;
	const char *domain;
	enum err e = resolve(s, home, typed, &name, &domain);

	if (e == ERR_OK)
		e = identity_credentials(s, name.username, domain, NULL, ret);
	if (e == ERR_OK && (ret->who.blocked || ret->who.space_expired || name.second_factor))
		return ERR_NOT_FOUND;
	return e;
}

static enum err identity_by_hash(struct service *s, const struct space *space, const char *username,
	const char *hash, struct identity *ret)
{
	struct hmac_token t;
	struct credentials c;
	int64_t expires_at;
	enum err e;

	if (strlen(username) > LOGIN_NAME_MAX)
		return ERR_UNAUTHENTICATED;
	e = s->hmac_tokens.get(s->hmac_tokens.ctx, hash, s->arena, &t);
	t.hash = hash;
	if (e == ERR_OK)
		e = find_open(s, space ? space->domain : t.domain, username, &c);
	if (e == ERR_OK &&
		(t.account_id != c.who.account_id || !secret_is_equal(str_from(t.password_print),
							     str_from(password_print(s, &c)))))
		e = ERR_NOT_FOUND;
	if (e == ERR_OK)
		e = renew(s, &t, &expires_at);
	if (e != ERR_OK)
		return e == ERR_NOT_FOUND ? ERR_UNAUTHENTICATED : e;
	*ret = c.who;
	ret->method = IDENTITY_HMAC;
	ret->jti = arena_printf(s->arena, HMAC_SESSION_PREFIX "%s", hash);
	ret->expires_at = expires_at;
	return ERR_OK;
}

enum err identity_by_hmac(struct service *s, const struct space *space, const char *username,
	struct str token, struct identity *ret)
{
	return identity_by_hash(s, space, username, hash_of(s, token), ret);
}

enum err identity_by_hmac_session(
	struct service *s, const char *username, struct str id, struct identity *ret)
{
	const size_t head = sizeof(HMAC_SESSION_PREFIX) - 1;
	uint8_t hash[HASH_BYTES];

	if (!str_starts(id, HMAC_SESSION_PREFIX) ||
		!hex_decode(hash, sizeof(hash), (struct str){ id.p + head, id.n - head }))
		return ERR_UNAUTHENTICATED;
	return identity_by_hash(s, NULL, username,
		hex_encode(arena_alloc(s->arena, HEX_SIZE(HASH_BYTES)), hash, sizeof(hash)), ret);
}

enum err hmac_logout(struct service *s, const struct identity *who, struct str token, bool lasting)
{
	const struct hmac_tokens *tokens = &s->hmac_tokens;
	enum err e = lasting ? tokens->drop_lasting(tokens->ctx, who->account_id)
			     : tokens->drop(tokens->ctx, hash_of(s, token));

	return e == ERR_OK ? event_add(s, EVENT_PERMISSIONS_CHANGED, who->account_id, NULL) : e;
}

/* No more than max bytes, whole characters. */
static struct str cut_text(struct str s, size_t max)
{
	if (s.n <= max)
		return s;
	s.n = max;
	while (s.n && ((unsigned char)s.p[s.n] & UTF8_CONT) == UTF8_START)
		s.n--;
	return s;
}

void hmac_login_count_use(
	struct service *s, const char *domain, struct str username, struct str user_agent)
{
	const struct str parts[] = { str_from(domain), cut_text(username, USE_NAME_MAX),
		cut_text(user_agent, USE_TEXT_MAX) };

	tally_add(s->deprecated_uses, parts);
}

static enum err write_uses(void *arg, const struct tally *t)
{
	return hmac_store_count_uses(
		arg, &(struct deprecated_use_batch){ .domains = tally_texts(t, 0),
			     .usernames = tally_texts(t, 1),
			     .user_agents = tally_texts(t, 2),
			     .counts = tally_counts(t),
			     .n = tally_size(t) });
}

void hmac_login_uses_flush(struct service *s)
{
	tally_flush(s->deprecated_uses, write_uses, s, "old paths");
}
