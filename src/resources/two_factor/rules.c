#include "resources/two_factor/two_factor.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/totp.h"
#include "service/refusal.h"
#include "two_factor_priv.h"

#define PENDING_US (15 * 60 * CLOCK_SECOND_US)
#define URL_MAX    1024

const struct refusal second_factor_on = { 409, "two_factor_on",
	UNTRANSLATED("2FA already enabled") };
const struct refusal second_factor_off = { 400, "two_factor_off",
	UNTRANSLATED("2FA is not enabled") };
const struct refusal second_factor_mandatory = { 403, "two_factor_mandatory",
	UNTRANSLATED("2FA is mandatory") };
const struct refusal second_factor_forbidden = { 403, "two_factor_forbidden",
	UNTRANSLATED("2FA is not available") };

struct str two_factor_context(struct arena *arena, int64_t account_id)
{
	return str_from(arena_printf(arena, "totp:%lld", (long long)account_id));
}

/* RFC 3986, 2.3: all but unreserved characters. */
static void add_escaped(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (isalnum((unsigned char)*text) || strchr("-._~", *text))
			buf_add_char(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
}

static const char *setup_url(struct service *s, const struct identity *who, const char *key)
{
	const char *issuer = s->settings->two_factor_issuer;
	struct buf b;

	buf_init(&b, URL_MAX);
	buf_add_str(&b, "otpauth://totp/");
	add_escaped(&b, issuer);
	buf_add_char(&b, ':');
	add_escaped(&b, who->username);
	buf_printf(&b, "?secret=%s&algorithm=SHA1&digits=%d&period=%d&issuer=", key, TOTP_DIGITS,
		TOTP_STEP_SECONDS);
	add_escaped(&b, issuer);
	return buf_to_arena(&b, s->arena);
}

enum err two_factor_secret(
	struct service *s, int64_t account_id, struct str sealed, const uint8_t **ret)
{
	struct str plain;
	enum err e =
		unseal(s->keys, sealed, two_factor_context(s->arena, account_id), s->arena, &plain);

	if (e != ERR_OK)
		return e;
	if (plain.n != TOTP_SECRET_BYTES)
		return ERR_INTERNAL;
	*ret = (const uint8_t *)plain.p;
	return ERR_OK;
}

static enum err begin(struct service *s, int64_t account_id, struct str *ret_sealed)
{
	uint8_t fresh[TOTP_SECRET_BYTES];
	struct str sealed;

	random_bytes(fresh, sizeof(fresh));
	enum err e = seal(s->keys, (struct str){ (const char *)fresh, sizeof(fresh) },
		two_factor_context(s->arena, account_id), s->arena, &sealed);

	mem_wipe(fresh, sizeof(fresh));
	if (e != ERR_OK)
		return e;
	return two_factor_store_begin(
		s, account_id, sealed, clock_wall_us() + PENDING_US, ret_sealed);
}

static enum err why_not(struct service *s, const struct identity *who)
{
	bool on;
	enum err e = two_factor_is_on(s, who, &on);

	if (e != ERR_OK)
		return e;
	return refused(s, on ? &second_factor_on : &second_factor_forbidden);
}

/* A set-up that waits is gone on with, unless no key opens its secret any more. */
static enum err secret_begin(struct service *s, int64_t account_id, const uint8_t **ret)
{
	struct str sealed;
	enum err e = begin(s, account_id, &sealed);

	if (e == ERR_OK)
		e = two_factor_secret(s, account_id, sealed, ret);
	if (e != ERR_GONE)
		return e;
	e = two_factor_store_cancel(s, account_id);
	if (e == ERR_OK)
		e = begin(s, account_id, &sealed);
	return e == ERR_OK ? two_factor_secret(s, account_id, sealed, ret) : e;
}

enum err two_factor_begin(
	struct service *s, const struct identity *who, struct two_factor_setup *ret)
{
	char *key = arena_alloc(s->arena, TOTP_SECRET_SIZE);
	const uint8_t *secret;
	enum err e = secret_begin(s, who->account_id, &secret);

	if (e == ERR_CONFLICT)
		return why_not(s, who);
	if (e != ERR_OK)
		return e;
	totp_secret_text(secret, key);
	*ret = (struct two_factor_setup){ .url = setup_url(s, who, key), .key = key };
	return ERR_OK;
}

enum err two_factor_is_on(struct service *s, const struct identity *who, bool *ret)
{
	struct two_factor_row row;
	enum err e = two_factor_store_get(s, who->account_id, &row);

	if (e != ERR_OK && e != ERR_NOT_FOUND)
		return e;
	*ret = e == ERR_OK && row.secret.p;
	return ERR_OK;
}
