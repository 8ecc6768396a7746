#include "crypto/secret.h"

#include <openssl/crypto.h>

bool secret_is_equal(struct str a, struct str b)
{
	return a.n == b.n && CRYPTO_memcmp(a.p, b.p, a.n) == 0;
}
