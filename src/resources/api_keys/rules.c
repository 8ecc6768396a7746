#include "resources/api_keys/api_key.h"

#include "api_keys_priv.h"
#include "base/tally.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "resources/auth_tokens/auth_token.h"
#include "service/refusal.h"

#define KEY_LENGTH 40 /* accounts-api 1.7 */

enum err api_key_replace_own(struct service *s, int64_t account_id, const char **ret)
{
	const char *key = random_token(s->arena, KEY_LENGTH);
	enum err e = key_store_replace_own(s, account_id, hash_text(s->arena, key), s->client.ip);

	if (e == ERR_OK)
		*ret = key;
	return e;
}

enum err api_key_by_auth_token(struct service *s, const char *token, const char **ret)
{
	int64_t account_id;
	enum err e = auth_token_redeem(s, token, &account_id);

	return e == ERR_OK ? api_key_replace_own(s, account_id, ret) : e;
}

enum err api_key_drop_own(struct service *s, int64_t account_id)
{
	enum err e = key_store_drop_own(s, account_id);

	return e == ERR_OK ? auth_token_drop(s, account_id) : e;
}

enum err api_key_create(struct service *s, int64_t account_id, const struct service_key_input *in,
	struct api_key *ret)
{
	const char *key = random_token(s->arena, KEY_LENGTH);
	enum err e = key_store_insert(s, account_id, hash_text(s->arena, key), in, ret);

	if (e == ERR_OK)
		ret->key = key;
	return e == ERR_NOT_FOUND ? refused(s, &limit_reached) : e;
}

static enum err write_uses(void *arg, const struct tally *t)
{
	return key_store_count_uses(arg, tally_texts(t, 0), tally_counts(t), tally_size(t));
}

void api_key_uses_flush(struct service *s)
{
	tally_flush(s->key_uses, write_uses, s, "API keys");
}
