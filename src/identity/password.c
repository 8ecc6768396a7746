#include "identity/password.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/log.h"
#include "crypto/ha1.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "service/refusal.h"
#include "service/transaction.h"
#include "events/outbox.h"
#include "identity/guesses.h"
#include "identity_priv.h"

#define WINDOW_S     (15 * 60)
#define PREFIX_BYTES 8 /* /64 */

const struct refusal password_wrong = { 401, "password_wrong", UNTRANSLATED("invalid password") };

static bool ha1_fits(enum digest_algorithm algorithm, const struct credentials *c,
	const char *password, const char *stored)
{
	char ha1[HA1_SIZE];

	ha1_make(algorithm, str_from(c->who.username), str_from(c->who.realm), str_from(password),
		ha1);
	return secret_is_equal(str_from(ha1), str_from(stored));
}

bool password_fits(const struct credentials *c, const char *password)
{
	bool md5 = ha1_fits(DIGEST_MD5, c, password, c->md5);
	bool sha256 = ha1_fits(DIGEST_SHA256, c, password, c->sha256);

	return md5 | sha256;
}

const char *client_network(struct arena *arena, const char *ip)
{
	struct in6_addr a;
	char text[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET6, ip, &a) != 1)
		return ip;
	if (IN6_IS_ADDR_V4MAPPED(&a)) {
		inet_ntop(AF_INET, &a.s6_addr[12], text, sizeof(text));
		return arena_strdup(arena, text);
	}
	memset(&a.s6_addr[PREFIX_BYTES], 0, sizeof(a.s6_addr) - PREFIX_BYTES);
	inet_ntop(AF_INET6, &a, text, sizeof(text));
	return arena_printf(arena, "%s/64", text);
}

/* Hashed with a key: what stands in the field of the name may be a password. */
static const char *account_subject(struct service *s, const char *username, const char *domain)
{
	const struct key *key = keyring_current(s->keys, KEY_TOKEN);
	const char *name = arena_printf(s->arena, "password:%s@%s", username, domain);

	return arena_printf(s->arena, "password:%s", hash_hmac_hex(s->arena, key, name));
}

static enum err count(
	struct service *s, const char *subject, int64_t limit, struct guess_count *ret)
{
	return guess_add(s, subject, &(struct guess_rule){ limit, WINDOW_S, 0 }, ret);
}

struct wrong_guess {
	const struct login_query *query;
	int64_t account_id; /* 0: of no account */
	struct guess_count account, address;
};

/* Unknown names run as many statements as known ones, so timing reveals nothing. */
static enum err count_wrong(struct service *s, void *arg)
{
	struct wrong_guess *w = arg;
	const struct login_query *q = w->query;
	enum err e = count(s, q->account_subject, q->account_limit, &w->account);

	if (e == ERR_OK && w->account.failures == q->account_limit)
		e = event_add(s, EVENT_LOGIN_LOCKED, w->account_id,
			&(struct lock_facts){ "password_locked", w->account.ends_at });
	return e == ERR_OK ? count(s, q->address_subject, q->address_limit, &w->address) : e;
}

static enum err wrong(struct service *s, const struct login_query *q, int64_t account_id)
{
	struct wrong_guess w = { .query = q, .account_id = account_id };
	enum err e = service_transaction(s, count_wrong, &w);

	if (e != ERR_OK)
		return e;
	if (account_id && w.account.failures == q->account_limit)
		log_warn("the password login of account %lld is locked for %lld s",
			(long long)account_id, (long long)w.account.wait_s);
	return refused(s, &password_wrong);
}

/* Guesses that ran beside this one may have reached the limit since: the count has the last word. */
static enum err right(struct service *s, const struct login_query *q, bool failed_before)
{
	struct guess_count counted;
	enum err e;

	if (!failed_before)
		return ERR_OK;
	e = count(s, q->account_subject, q->account_limit, &counted);
	if (e != ERR_OK)
		return e;
	if (counted.failures > q->account_limit) {
		s->retry_after_s = counted.wait_s;
		return refused(s, &password_wrong);
	}
	return guess_clear(s, q->account_subject);
}

enum err password_check(struct service *s, const char *username, const char *domain,
	const char *password, struct login_row *ret)
{
	struct credentials *c = &ret->credentials;
	const struct login_query q = {
		.username = username,
		.domain = domain,
		.account_subject = account_subject(s, username, domain),
		.address_subject = arena_printf(
			s->arena, "address:%s", client_network(s->arena, s->client.ip)),
		.account_limit = s->settings->password_failures_per_account,
		.address_limit = s->settings->password_failures_per_address,
	};
	enum err e = identity_store_login(s, &q, ret);

	if (e != ERR_OK)
		return e;
	bool known = c->who.account_id != 0;

	if (!known)
		c->who.username = c->who.realm = "";
	bool fits = password_fits(c, password);

	if (ret->wait_s > 0) {
		s->retry_after_s = ret->wait_s;
		return refused(s, &password_wrong);
	}
	return known && fits ? right(s, &q, ret->failed) : wrong(s, &q, c->who.account_id);
}
