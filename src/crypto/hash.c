#include "crypto/hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/encode.h"
#include "base/log.h"
#include "crypto_priv.h"

void require(int ok, const char *what)
{
	if (ok <= 0)
		log_fatal("OpenSSL fails: %s", what);
}

/* Fetching costs more than hashing, so each is fetched once; a process has one thread. */
static const EVP_MD *method(enum digest_algorithm a)
{
	static const char *const names[] = { "MD5", "SHA256" };
	static EVP_MD *fetched[DIGEST_ALGORITHMS];

	if (!fetched[a]) {
		fetched[a] = EVP_MD_fetch(NULL, names[a], NULL);
		require(fetched[a] != NULL, names[a]);
	}
	return fetched[a];
}

static EVP_MD_CTX *begin(enum digest_algorithm a)
{
	static EVP_MD_CTX *ctx;

	if (!ctx)
		ctx = EVP_MD_CTX_new();
	require(ctx && EVP_DigestInit_ex(ctx, method(a), NULL), "digest");
	return ctx;
}

void hash_joined(enum digest_algorithm a, const struct str *parts, size_t n, char ret[HA1_SIZE])
{
	EVP_MD_CTX *ctx = begin(a);
	uint8_t out[HASH_BYTES];
	unsigned len;

	for (size_t i = 0; i < n; i++)
		require(EVP_DigestUpdate(ctx, ":", i > 0) &&
				EVP_DigestUpdate(ctx, parts[i].p, parts[i].n),
			"digest");
	require(EVP_DigestFinal_ex(ctx, out, &len), "digest");
	hex_encode(ret, out, len);
}

void hash_sha256(struct str data, uint8_t ret[HASH_BYTES])
{
	EVP_MD_CTX *ctx = begin(DIGEST_SHA256);

	require(EVP_DigestUpdate(ctx, data.p, data.n) && EVP_DigestFinal_ex(ctx, ret, NULL),
		"SHA-256");
}

void hash_sha1_hex(struct str data, char ret[SHA1_HEX_SIZE])
{
	uint8_t out[SHA1_BYTES];
	size_t n;

	require(EVP_Q_digest(NULL, "SHA1", NULL, data.p, data.n, out, &n), "SHA-1");
	hex_encode(ret, out, n);
}

static EVP_MAC_CTX *hmac(void)
{
	static EVP_MAC_CTX *ctx;

	if (!ctx) {
		EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);

		ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
		EVP_MAC_free(mac);
	}
	return ctx;
}

static void hmac_with(char *digest, struct str key, struct str data, uint8_t *ret, size_t size)
{
	EVP_MAC_CTX *ctx = hmac();
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	size_t n;

	require(ctx && EVP_MAC_init(ctx, (const uint8_t *)key.p, key.n, params) &&
			EVP_MAC_update(ctx, (const uint8_t *)data.p, data.n) &&
			EVP_MAC_final(ctx, ret, &n, size),
		"HMAC");
}

void hash_hmac_sha1(struct str key, struct str data, uint8_t ret[SHA1_BYTES])
{
	char name[] = "SHA1";

	hmac_with(name, key, data, ret, SHA1_BYTES);
}

void hash_hmac_sha256(struct str key, struct str data, uint8_t ret[HASH_BYTES])
{
	char name[] = "SHA256";

	hmac_with(name, key, data, ret, HASH_BYTES);
}

const char *hash_hmac_hex(struct arena *a, const struct key *key, const char *text)
{
	uint8_t hash[HASH_BYTES];

	hash_hmac_sha256((struct str){ (const char *)key->bytes, KEY_BYTES }, str_from(text), hash);
	return hex_encode(arena_alloc(a, HEX_SIZE(HASH_BYTES)), hash, sizeof(hash));
}

struct str hash_text(struct arena *a, const char *text)
{
	uint8_t *hash = arena_alloc(a, HASH_BYTES);

	hash_sha256(str_from(text), hash);
	return (struct str){ (const char *)hash, HASH_BYTES };
}

const char *hash_text_hex(struct arena *a, const char *text)
{
	uint8_t hash[HASH_BYTES];

	hash_sha256(str_from(text), hash);
	return hex_encode(arena_alloc(a, HEX_SIZE(HASH_BYTES)), hash, sizeof(hash));
}
