#include "recovery_code.h"

#include <string.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "identity/password.h"
#include "resources/two_factor/two_factor.h"
#include "service/refusal.h"
#include "service/transaction.h"
#include "two_factor_priv.h"

static const char *hash_of(
	struct service *s, const struct key *key, int64_t account_id, const char *code)
{
	const char *text = arena_printf(s->arena, "recovery:%lld:%s", (long long)account_id, code);

	return hash_hmac_hex(s->arena, key, text);
}

static bool is_among(const char *code, const char *const *codes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(codes[i], code) == 0)
			return true;
	return false;
}

static void make_codes(struct service *s, const char *codes[RECOVERY_CODES])
{
	size_t n = 0;

	while (n < RECOVERY_CODES) {
		const char *code = random_digits(s->arena, RECOVERY_CODE_DIGITS);

		if (!is_among(code, codes, n))
			codes[n++] = code;
	}
}

struct replacement {
	int64_t account_id;
	const char *hashes[RECOVERY_CODES];
};

static enum err replace(struct service *s, void *arg)
{
	const struct replacement *r = arg;
	enum err e = recovery_store_clear(s, r->account_id);

	if (e == ERR_OK)
		e = recovery_store_add(s, r->account_id, r->hashes, RECOVERY_CODES);
	return e == ERR_NOT_FOUND ? refused(s, &second_factor_off) : e;
}

enum err recovery_codes_make(struct service *s, const struct identity *who, const char *password,
	const char *ret[RECOVERY_CODES])
{
	const struct key *key = keyring_current(s->keys, KEY_TOKEN);
	struct replacement r = { .account_id = who->account_id };
	struct login_row row = { 0 };
	enum err e =
		password_check(s, DOOR_PASSWORD_AGAIN, who->username, who->domain, password, &row);

	if (e != ERR_OK)
		return e;
	make_codes(s, ret);
	for (size_t i = 0; i < RECOVERY_CODES; i++)
		r.hashes[i] = hash_of(s, key, who->account_id, ret[i]);
	return service_change(s, replace, &r);
}

enum err recovery_code_use(struct service *s, int64_t account_id, const char *code)
{
	const char *hashes[KEYS_KEPT];
	const struct key *key;
	size_t n = 0;

	for (; n < KEYS_KEPT && (key = keyring_at(s->keys, KEY_TOKEN, n)); n++)
		hashes[n] = hash_of(s, key, account_id, code);
	return recovery_store_use(s, account_id, hashes, n);
}
