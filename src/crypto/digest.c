#include "crypto/digest.h"

#include <string.h>

#include "base/encode.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto_priv.h"

#define NONCE_BYTES   32
#define NONCE_SIGNED  16 /* epoch, issued, random */
#define IP_MAX        64
#define OPAQUE_PREFIX "opaque"

void digest_response(enum digest_algorithm a, const struct digest_parts *p, char ret[HA1_SIZE])
{
	const struct str a2[] = { p->method, p->uri };
	char ha2[HA1_SIZE];

	hash_joined(a, a2, 2, ha2);
	const struct str all[] = { p->ha1, p->nonce, p->nc, p->cnonce, p->qop, str_from(ha2) };

	hash_joined(a, all, 6, ret);
}

static void put_be(uint8_t *out, size_t n, uint64_t v)
{
	while (n--) {
		out[n] = (uint8_t)v;
		v >>= 8;
	}
}

static uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static struct str key_bytes(const struct key *key)
{
	return (struct str){ (const char *)key->bytes, sizeof(key->bytes) };
}

/* Fills the last 16 bytes of the nonce from the first 16. */
static void sign(
	const struct key *key, int64_t account_id, const char *ip, uint8_t nonce[NONCE_BYTES])
{
	uint8_t data[NONCE_SIGNED + 8 + IP_MAX], mac[HASH_BYTES];
	size_t ip_n = strnlen(ip, IP_MAX);

	memcpy(data, nonce, NONCE_SIGNED);
	put_be(data + NONCE_SIGNED, 8, (uint64_t)account_id);
	memcpy(data + NONCE_SIGNED + 8, ip, ip_n);
	hash_hmac_sha256(
		key_bytes(key), (struct str){ (const char *)data, NONCE_SIGNED + 8 + ip_n }, mac);
	memcpy(nonce + NONCE_SIGNED, mac, NONCE_BYTES - NONCE_SIGNED);
}

void digest_nonce_make(const struct keyring *keys, uint32_t epoch, int64_t now_s,
	int64_t account_id, const char *ip, char ret[DIGEST_NONCE_SIZE])
{
	uint8_t nonce[NONCE_BYTES];

	put_be(nonce, 4, epoch);
	put_be(nonce + 4, 4, (uint64_t)now_s);
	random_bytes(nonce + 8, 8);
	sign(keyring_current(keys, KEY_DIGEST), account_id, ip, nonce);
	hex_encode(ret, nonce, sizeof(nonce));
}

enum err digest_nonce_check(const struct keyring *keys, struct str nonce, int64_t account_id,
	const char *ip, uint32_t *ret_epoch, int64_t *ret_issued_s)
{
	uint8_t given[NONCE_BYTES], ours[NONCE_BYTES];
	char text[DIGEST_NONCE_SIZE];
	const struct key *key;

	if (!hex_decode(given, sizeof(given), nonce))
		return ERR_DIGEST_INVALID;
	for (size_t i = 0; (key = keyring_at(keys, KEY_DIGEST, i)); i++) {
		memcpy(ours, given, NONCE_SIGNED);
		sign(key, account_id, ip, ours);
		/* As text: in upper case it would be the same nonce with an nc count of its own. */
		hex_encode(text, ours, sizeof(ours));
		if (secret_is_equal(nonce, str_from(text))) {
			*ret_epoch = get_be32(given);
			*ret_issued_s = get_be32(given + 4);
			return ERR_OK;
		}
	}
	return ERR_DIGEST_INVALID;
}

static void opaque_with(const struct key *key, struct str nonce, char ret[DIGEST_NONCE_SIZE])
{
	char data[sizeof(OPAQUE_PREFIX) + DIGEST_NONCE_SIZE] = OPAQUE_PREFIX;
	size_t n = nonce.n < DIGEST_NONCE_SIZE ? nonce.n : DIGEST_NONCE_SIZE;
	uint8_t mac[HASH_BYTES];

	memcpy(data + sizeof(OPAQUE_PREFIX), nonce.p, n);
	hash_hmac_sha256(key_bytes(key), (struct str){ data, sizeof(OPAQUE_PREFIX) + n }, mac);
	hex_encode(ret, mac, sizeof(mac));
}

void digest_opaque_make(const struct keyring *keys, struct str nonce, char ret[DIGEST_NONCE_SIZE])
{
	opaque_with(keyring_current(keys, KEY_DIGEST), nonce, ret);
}

bool digest_opaque_is_valid(const struct keyring *keys, struct str nonce, struct str opaque)
{
	char ours[DIGEST_NONCE_SIZE];
	const struct key *key;

	for (size_t i = 0; (key = keyring_at(keys, KEY_DIGEST, i)); i++) {
		opaque_with(key, nonce, ours);
		if (secret_is_equal(opaque, str_from(ours)))
			return true;
	}
	return false;
}
