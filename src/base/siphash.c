#include "base/siphash.h"

#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"

static uint64_t seed[2];

static uint64_t rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

struct sip {
	uint64_t a, b, c, d;
};

static void sip_round(struct sip *s)
{
	s->a += s->b;
	s->b = rotl(s->b, 13) ^ s->a;
	s->a = rotl(s->a, 32);
	s->c += s->d;
	s->d = rotl(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotl(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotl(s->b, 17) ^ s->c;
	s->c = rotl(s->c, 32);
}

static void sip_word(struct sip *s, uint64_t m)
{
	s->d ^= m;
	sip_round(s);
	s->a ^= m;
}

static void make_seed(void)
{
	static bool made;

	if (!made && getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		log_fatal("the kernel gives no random bytes");
	made = true;
}

uint64_t siphash(struct str key)
{
	make_seed();
	struct sip s = { seed[0] ^ 0x736f6d6570736575u, seed[1] ^ 0x646f72616e646f6du,
		seed[0] ^ 0x6c7967656e657261u, seed[1] ^ 0x7465646279746573u };
	uint64_t m = 0;
	size_t i;

	for (i = 0; i + 8 <= key.n; i += 8) {
		memcpy(&m, key.p + i, 8);
		sip_word(&s, m);
	}
	m = 0;
	if (key.n > i)
		memcpy(&m, key.p + i, key.n - i);
	sip_word(&s, m | (uint64_t)key.n << 56);
	s.c ^= 0xff;
	for (int k = 0; k < 3; k++)
		sip_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}
