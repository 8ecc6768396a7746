#include "crypto/ha1.h"

#include "crypto_priv.h"

static const char *const names[] = { "MD5", "SHA-256" };

bool digest_algorithm_parse(struct str name, enum digest_algorithm *ret)
{
	for (enum digest_algorithm a = 0; a < DIGEST_ALGORITHMS; a++)
		if (str_case_is(name, names[a])) {
			*ret = a;
			return true;
		}
	return false;
}

void ha1_make(enum digest_algorithm a, struct str username, struct str realm, struct str password,
	char ret[HA1_SIZE])
{
	const struct str parts[] = { username, realm, password };

	hash_joined(a, parts, 3, ret);
}
