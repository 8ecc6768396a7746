#include "resources/api_keys/api_key.h"

#include "api_keys_priv.h"
#include "base/tally.h"
#include "crypto/hash.h"
#include "crypto/random.h"

#define KEY_LENGTH 40 /* accounts-api 1.7 */

enum err api_key_replace_own(struct service *s, int64_t account_id, const char **ret)
{
	const char *key = random_token(s->arena, KEY_LENGTH);
	uint8_t hash[HASH_BYTES];
	enum err e;

	hash_sha256(str_from(key), hash);
	e = key_store_replace_own(s, account_id, hash, s->client.ip);
	if (e == ERR_OK)
		*ret = key;
	return e;
}

enum err api_key_create(struct service *s, int64_t account_id, const char *name, const char *ip,
	int64_t minutes, const char **ret, int64_t *ret_id)
{
	const char *key = random_token(s->arena, KEY_LENGTH);
	uint8_t hash[HASH_BYTES];
	enum err e;

	hash_sha256(str_from(key), hash);
	e = key_store_insert(s, account_id, hash, name, ip, minutes, ret_id);
	if (e == ERR_OK)
		*ret = key;
	return e;
}

static enum err write_uses(void *arg, const struct tally *t)
{
	return key_store_count_uses(arg, tally_texts(t, 0), tally_counts(t), tally_size(t));
}

void api_key_uses_flush(struct service *s)
{
	tally_flush(s->key_uses, write_uses, s, "API keys");
}
