#include "crypto/provider_token.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/json_slice.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "crypto_priv.h"

#define OURS         "eyJhbGciOiJIU" /* {"alg":"HS: most tokens, and none of these */
#define PEM_BEGIN    "-----BEGIN PUBLIC KEY-----"
#define RSA_BITS     2048
#define RSA_BITS_MAX 8192
#define GROUP        "prime256v1"
#define ES256_BYTES  64
#define ALG_MAX      16

struct provider_key {
	EVP_PKEY *key;
	bool rsa; /* else P-256 */
};

static const struct algorithm {
	const char *name, *digest;
	bool rsa;
} algorithms[] = {
	{ "RS256", "SHA256", true },
	{ "RS384", "SHA384", true },
	{ "RS512", "SHA512", true },
	{ "ES256", "SHA256", false },
};

static bool is_p256(EVP_PKEY *key)
{
	char group[32];
	size_t n;

	return EVP_PKEY_is_a(key, "EC") &&
	       EVP_PKEY_get_utf8_string_param(
		       key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), &n) &&
	       strcmp(group, GROUP) == 0;
}

static bool is_strong_rsa(EVP_PKEY *key)
{
	int bits = EVP_PKEY_get_bits(key);

	return EVP_PKEY_is_a(key, "RSA") && bits >= RSA_BITS && bits <= RSA_BITS_MAX;
}

/* Nothing but one public key: what is kept is shown again. */
static bool is_one_block(struct str pem)
{
	if (pem.n > PROVIDER_PEM_MAX || !str_cut_prefix(&pem, PEM_BEGIN))
		return false;
	struct str body = str_split(&pem, '-');

	return body.n && str_is(str_trim(pem), "----END PUBLIC KEY-----");
}

static EVP_PKEY *read_pem(struct str pem)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	return key;
}

struct provider_key *provider_key_new(struct str pem)
{
	struct provider_key *ret;
	EVP_PKEY *key;

	pem = str_trim(pem);
	key = is_one_block(pem) ? read_pem(pem) : NULL;
	if (!key)
		return NULL;
	bool rsa = is_strong_rsa(key);

	if (!rsa && !is_p256(key)) {
		EVP_PKEY_free(key);
		return NULL;
	}
	ret = mem_alloc(sizeof(*ret));
	*ret = (struct provider_key){ key, rsa };
	return ret;
}

void provider_key_free(struct provider_key **k)
{
	if (!*k)
		return;
	EVP_PKEY_free((*k)->key);
	free(*k);
	*k = NULL;
}

/* A part of the token as a JSON object, in the arena. */
static bool decode_object(struct str part, struct arena *arena, struct str *ret)
{
	uint8_t *bytes = arena_alloc(arena, part.n + 1);
	size_t n;

	if (!base64url_decode(bytes, part, &n))
		return false;
	*ret = str_trim((struct str){ (const char *)bytes, n });
	return utf8_is_valid(ret->p, ret->n) && json_slice_is_valid(*ret) &&
	       json_slice_kind(*ret) == JSON_OBJECT;
}

/* NULL: it is none of ours to verify. */
static const struct algorithm *read_header(struct str part, struct arena *arena)
{
	char name[ALG_MAX];
	struct str object, value;
	size_t n;

	if (!decode_object(part, arena, &object) || json_slice_member(object, "crit", &value) ||
		!json_slice_member(object, "alg", &value) ||
		!json_slice_text(value, name, sizeof(name), &n))
		return NULL;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (str_is((struct str){ name, n }, algorithms[i].name))
			return &algorithms[i];
	return NULL;
}

bool provider_token_is_one(struct str token, struct arena *arena)
{
	if (str_starts(token, OURS))
		return false;
	return token.n <= PROVIDER_TOKEN_MAX && read_header(str_split(&token, '.'), arena);
}

/* r || s, RFC 7518 3.4, as OpenSSL wants it. */
static uint8_t *der_of(const uint8_t raw[ES256_BYTES], int *ret_n)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, ES256_BYTES / 2, NULL);
	BIGNUM *s = BN_bin2bn(raw + ES256_BYTES / 2, ES256_BYTES / 2, NULL);
	uint8_t *der = NULL;

	require(sig && r && s && ECDSA_SIG_set0(sig, r, s), "ECDSA");
	*ret_n = i2d_ECDSA_SIG(sig, &der);
	ECDSA_SIG_free(sig);
	return der;
}

static bool verify(const struct provider_key *key, const struct algorithm *a, struct str text,
	const uint8_t *signature, size_t n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good =
		ctx &&
		EVP_DigestVerifyInit_ex(ctx, NULL, a->digest, NULL, NULL, key->key, NULL) == 1 &&
		EVP_DigestVerify(ctx, signature, n, (const uint8_t *)text.p, text.n) == 1;

	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

static bool is_signed(const struct provider_key *key, const struct algorithm *a, struct str text,
	struct str part, struct arena *arena)
{
	uint8_t *raw = arena_alloc(arena, part.n + 1), *der;
	size_t n;
	int der_n;

	if (a->rsa != key->rsa || !base64url_decode(raw, part, &n) || n == 0)
		return false;
	if (a->rsa)
		return verify(key, a, text, raw, n);
	if (n != ES256_BYTES)
		return false;
	der = der_of(raw, &der_n);
	bool good = der_n > 0 && verify(key, a, text, der, (size_t)der_n);

	OPENSSL_free(der);
	return good;
}

/* NumericDate of RFC 7519: seconds, which may have a fraction. False: another type. */
static bool get_seconds(struct str claims, const char *name, int64_t *ret, bool *ret_there)
{
	struct str value;
	uint64_t v;

	*ret_there = json_slice_member(claims, name, &value);
	if (!*ret_there)
		return true;
	if (json_slice_kind(value) != JSON_NUMBER ||
		!str_to_uint(str_split(&value, '.'), INT64_MAX, &v) ||
		(value.p && !str_is_made_of(value, "0123456789")))
		return false;
	*ret = (int64_t)v;
	return true;
}

static bool get_text(struct str claims, const char *name, struct arena *arena, const char **ret)
{
	struct str value;
	char *text;
	size_t n;

	if (!json_slice_member(claims, name, &value) || json_slice_kind(value) == JSON_NULL)
		return true;
	text = arena_alloc(arena, value.n + 1);
	if (!json_slice_text(value, text, value.n + 1, &n))
		return false;
	*ret = text;
	return true;
}

static bool is_text(struct str value, const char *wanted, struct arena *arena)
{
	char *text = arena_alloc(arena, value.n + 1);
	size_t n;

	return json_slice_text(value, text, value.n + 1, &n) &&
	       str_is((struct str){ text, n }, wanted);
}

/* A text, or an array of texts that has it. */
static bool names(struct str claims, const char *name, const char *wanted, struct arena *arena)
{
	struct str value, item;

	if (!wanted)
		return true;
	if (!json_slice_member(claims, name, &value))
		return false;
	if (json_slice_kind(value) != JSON_ARRAY)
		return is_text(value, wanted, arena);
	while (json_slice_next(&value, NULL, &item))
		if (is_text(item, wanted, arena))
			return true;
	return false;
}

static enum err invalid(const char **ret_why, const char *why)
{
	*ret_why = why;
	return ERR_TOKEN_INVALID;
}

static enum err check_times(struct str claims, int64_t now_s, const char **ret_why)
{
	int64_t exp = 0, nbf = 0, iat = 0;
	bool has_exp, there;

	if (!get_seconds(claims, "exp", &exp, &has_exp) || !has_exp)
		return invalid(ret_why, "the token has no end");
	if (!get_seconds(claims, "nbf", &nbf, &there) || !get_seconds(claims, "iat", &iat, &there))
		return invalid(ret_why, "the token is malformed");
	if (exp <= now_s) {
		*ret_why = "the token is expired";
		return ERR_TOKEN_EXPIRED;
	}
	if (nbf - PROVIDER_SKEW_S > now_s || iat - PROVIDER_SKEW_S > now_s)
		return invalid(ret_why, "the token is not valid yet");
	return ERR_OK;
}

static enum err take_claims(const struct provider_rules *rules, struct str claims,
	struct arena *arena, struct provider_claims *ret, const char **ret_why)
{
	struct str value;

	if (!get_text(claims, rules->sip_claim, arena, &ret->sip) ||
		!get_text(claims, "email", arena, &ret->email))
		return invalid(ret_why, "the token is malformed");
	if (json_slice_member(claims, "email_verified", &value) &&
		json_slice_kind(value) != JSON_NULL)
		ret->email_verified = json_slice_kind(value) == JSON_TRUE ? TRI_TRUE : TRI_FALSE;
	return ERR_OK;
}

enum err provider_token_verify(const struct provider_rules *rules, struct str token, int64_t now_s,
	struct arena *arena, struct provider_claims *ret, const char **ret_why)
{
	struct str whole = token, header, payload, claims;
	const struct algorithm *a;

	if (token.n > PROVIDER_TOKEN_MAX)
		return invalid(ret_why, "the token is too long");
	header = str_split(&token, '.');
	payload = str_split(&token, '.');
	a = read_header(header, arena);
	if (!a || !token.p || !rules->key)
		return invalid(ret_why, "the token is malformed");
	whole.n = header.n + 1 + payload.n;
	if (!is_signed(rules->key, a, whole, token, arena))
		return invalid(ret_why, "the signature is wrong");
	if (!decode_object(payload, arena, &claims))
		return invalid(ret_why, "the token is malformed");
	if (!names(claims, "iss", rules->issuer, arena))
		return invalid(ret_why, "the token is of another issuer");
	if (!names(claims, "aud", rules->audience, arena))
		return invalid(ret_why, "the token is for others");
	enum err e = check_times(claims, now_s, ret_why);

	*ret = (struct provider_claims){ 0 };
	return e == ERR_OK ? take_claims(rules, claims, arena, ret, ret_why) : e;
}
