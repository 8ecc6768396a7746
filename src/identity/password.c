#include "identity/password.h"

#include "crypto/ha1.h"
#include "crypto/secret.h"
#include "service/refusal.h"
#include "identity_priv.h"

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

enum err password_check(struct service *s, enum door door, const char *username, const char *domain,
	const char *password, struct login_row *ret)
{
	struct credentials *c = &ret->credentials;
	struct login_query q;
	bool locked = false;
	enum err e;

	login_query_init(s, username, domain, &q);
	e = identity_store_login(s, &q, ret);
	if (e != ERR_OK)
		return e;
	bool known = c->who.account_id != 0;

	if (!known) {
		c->who.username = username;
		c->who.realm = domain;
	}
	const char *sent = nfc_as_sent(s->changes, password);
	bool fits = password_fits(c, password);

	/* A stored one may have been made elsewhere, of the bytes as they were typed. */
	if (sent != password)
		fits |= password_fits(c, sent);

	if (known && fits && c->lock.wait_s == 0) {
		e = lock_take_right(s, door, c, &locked);
		return e == ERR_OK && locked ? refused(s, &password_wrong) : e;
	}
	e = lock_take_wrong(s, door, username, domain, c);
	return e == ERR_OK ? refused(s, &password_wrong) : e;
}
