#include "crypto/seal.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/sample.h"
#include "crypto/random.h"
#include "crypto_priv.h"

#define VERSION     1
#define HEAD_BYTES  3
#define NONCE_BYTES 12
#define TAG_BYTES   16
#define SILENCE_MS  60000
#define TEXT_AT     (HEAD_BYTES + NONCE_BYTES)

static const EVP_CIPHER *cipher(void)
{
	static EVP_CIPHER *fetched;

	if (!fetched)
		fetched = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	require(fetched != NULL, "AES-256-GCM");
	return fetched;
}

/* Feeds key, nonce, and what is authenticated but not encrypted. */
static EVP_CIPHER_CTX *begin(
	const struct key *key, const uint8_t *head, struct str context, int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	require(ctx &&
			EVP_CipherInit_ex2(
				ctx, cipher(), key->bytes, head + HEAD_BYTES, encrypt, NULL) &&
			EVP_CipherUpdate(ctx, NULL, &n, head, HEAD_BYTES) &&
			EVP_CipherUpdate(ctx, NULL, &n, (const uint8_t *)context.p, (int)context.n),
		"AES-256-GCM");
	return ctx;
}

enum err seal(const struct keyring *keys, struct str plain, struct str context, struct arena *arena,
	struct str *ret_sealed)
{
	const struct key *key = keyring_current(keys, KEY_SEAL);
	uint8_t *out;
	int n;

	if (plain.n > SEAL_PLAIN_MAX || context.n > SEAL_PLAIN_MAX)
		return ERR_LIMIT;
	out = arena_alloc(arena, plain.n + SEAL_OVERHEAD);
	out[0] = VERSION;
	out[1] = (uint8_t)(key->id >> 8);
	out[2] = (uint8_t)key->id;
	random_bytes(out + HEAD_BYTES, NONCE_BYTES);
	EVP_CIPHER_CTX *ctx = begin(key, out, context, 1);

	require(EVP_CipherUpdate(ctx, out + TEXT_AT, &n, (const uint8_t *)plain.p, (int)plain.n) &&
			EVP_CipherFinal_ex(ctx, out + TEXT_AT + plain.n, &n) &&
			EVP_CIPHER_CTX_ctrl(
				ctx, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, out + TEXT_AT + plain.n),
		"AES-256-GCM");
	EVP_CIPHER_CTX_free(ctx);
	*ret_sealed = (struct str){ (const char *)out, plain.n + SEAL_OVERHEAD };
	return ERR_OK;
}

/* Thousands of secrets may have been sealed with one lost key. */
__attribute__((format(printf, 1, 2))) static enum err unreadable(const char *fmt, ...)
{
	static struct sample told = { .silence_ms = SILENCE_MS };
	uint64_t others;
	char why[96];
	va_list ap;

	if (!sample_take(&told, clock_ms(), &others))
		return ERR_GONE;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	log_warn("%" PRIu64
		 " sealed value%s cannot be read, the last one since %s: put back the keys file "
		 "that belongs to the database, or see \"dialtonectl seal forget-unreadable\"",
		others + 1, others ? "s" : "", why);
	return ERR_GONE;
}

static enum err key_of(const struct keyring *keys, struct str sealed, const struct key **ret)
{
	const uint8_t *in = (const uint8_t *)sealed.p;
	size_t n = sealed.n;
	uint16_t id;

	if (n < SEAL_OVERHEAD || n > SEAL_PLAIN_MAX + SEAL_OVERHEAD || in[0] != VERSION)
		return unreadable("it is not in our format");
	id = (uint16_t)(in[1] << 8 | in[2]);
	*ret = keyring_find(keys, KEY_SEAL, id);
	return *ret ? ERR_OK : unreadable("seal key %u is not in the keys file", id);
}

enum err unseal(const struct keyring *keys, struct str sealed, struct str context,
	struct arena *arena, struct str *ret_plain)
{
	const uint8_t *in = (const uint8_t *)sealed.p;
	const struct key *key;
	uint8_t tag[TAG_BYTES], *out;
	size_t length;
	int n, ok;
	enum err e = key_of(keys, sealed, &key);

	if (e != ERR_OK || context.n > SEAL_PLAIN_MAX)
		return e != ERR_OK ? e : ERR_LIMIT;
	length = sealed.n - SEAL_OVERHEAD;
	memcpy(tag, in + TEXT_AT + length, TAG_BYTES);
	out = arena_alloc(arena, length + 1);
	EVP_CIPHER_CTX *ctx = begin(key, in, context, 0);

	ok = EVP_CipherUpdate(ctx, out, &n, in + TEXT_AT, (int)length) &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) &&
	     EVP_CipherFinal_ex(ctx, out + length, &n) > 0;
	EVP_CIPHER_CTX_free(ctx);
	if (!ok)
		return unreadable(
			"it was changed, made for another place, or with another key %u", key->id);
	*ret_plain = (struct str){ (const char *)out, length };
	return ERR_OK;
}
