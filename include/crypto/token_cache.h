/*
 * Session tokens that were verified a moment ago, so that a busy client's token is not taken apart
 * again with every request (stack-notes section 2: cached verification of the exact token).
 *
 * It remembers signatures and claims, never whether a session is still live: that is asked of the
 * database each time.  Bound to one keyring; of fixed size, a newer token takes an older one's slot.
 */
#ifndef DIALTONE_CRYPTO_TOKEN_CACHE_H
#define DIALTONE_CRYPTO_TOKEN_CACHE_H

#include "crypto/session_token.h"

struct token_cache;

/* keys is kept. */
struct token_cache *token_cache_new(const struct keyring *keys);
void token_cache_free(struct token_cache **c);

/* session_token_verify(); the texts in *ret are borrowed until the next call. */
MUST_CHECK enum err token_cache_verify(
	struct token_cache *c, struct str token, int64_t now_s, struct session_claims *ret);

#endif
