#include "crypto/token_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/hash.h"

#define SLOTS      256 /* a power of two */
#define SLOT_BYTES 1024

struct slot {
	struct arena *arena; /* of the claims; NULL until the slot is used */
	bool valid;
	uint8_t hash[HASH_BYTES]; /* SHA-256 of the token */
	struct session_claims claims;
};

struct token_cache {
	const struct keyring *keys;
	struct slot slots[SLOTS];
};

struct token_cache *token_cache_new(const struct keyring *keys)
{
	struct token_cache *c = mem_alloc(sizeof(*c));

	c->keys = keys;
	return c;
}

void token_cache_free(struct token_cache **c)
{
	if (!*c)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		arena_free(&(*c)->slots[i].arena);
	free(*c);
	*c = NULL;
}

static enum err fill(const struct token_cache *c, struct slot *s, struct str token, int64_t now_s)
{
	if (s->arena)
		arena_reset(s->arena);
	else
		s->arena = arena_new(SLOT_BYTES);
	s->valid = false;
	enum err e = session_token_verify(c->keys, token, now_s, s->arena, &s->claims);

	s->valid = e == ERR_OK;
	return e;
}

enum err token_cache_verify(
	struct token_cache *c, struct str token, int64_t now_s, struct session_claims *ret)
{
	uint8_t hash[HASH_BYTES];
	enum err e = ERR_OK;

	hash_sha256(token, hash);
	struct slot *s = &c->slots[(hash[0] | hash[1] << 8) & (SLOTS - 1)];

	if (!s->valid || memcmp(s->hash, hash, sizeof(hash)) != 0) {
		e = fill(c, s, token, now_s);
		memcpy(s->hash, hash, sizeof(hash));
	} else if (s->claims.expires_at <= now_s) {
		e = ERR_TOKEN_EXPIRED;
	}
	if (e == ERR_OK)
		*ret = s->claims;
	return e;
}
