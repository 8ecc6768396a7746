#include "crypto/random.h"

#include <openssl/rand.h>

#include "base/encode.h"
#include "base/mem.h"
#include "crypto_priv.h"

#define ID_BYTES 16

void random_bytes(void *out, size_t n)
{
	require(RAND_bytes(out, (int)n), "random bytes");
}

/* A byte that is not below the largest multiple of `n` would favour the first characters. */
static char *random_text(struct arena *arena, size_t length, const char *alphabet, unsigned n)
{
	char *out = arena_alloc(arena, length + 1);
	unsigned limit = 256 - 256 % n;
	uint8_t pool[64];
	size_t done = 0;

	while (done < length) {
		random_bytes(pool, sizeof(pool));
		for (size_t i = 0; i < sizeof(pool) && done < length; i++)
			if (pool[i] < limit)
				out[done++] = alphabet[pool[i] % n];
	}
	mem_wipe(pool, sizeof(pool));
	return out;
}

char *random_token(struct arena *arena, size_t n)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	return random_text(arena, n, alphabet, sizeof(alphabet) - 1);
}

char *random_digits(struct arena *arena, size_t n)
{
	return random_text(arena, n, "0123456789", 10);
}

char *random_pin(struct arena *arena)
{
	char *pin = random_text(arena, 4, "0123456789", 10);

	while (*pin == '0')
		pin = random_text(arena, 4, "0123456789", 10);
	return pin;
}

char *random_id(struct arena *arena)
{
	uint8_t id[ID_BYTES];
	char *out = arena_alloc(arena, BASE64_SIZE(ID_BYTES));

	random_bytes(id, sizeof(id));
	base64url_encode(out, id, sizeof(id));
	return out;
}
