#include "crypto/session_token.h"

#include <stdio.h>

#include "base/encode.h"
#include "crypto/hash.h"
#include "keys.h"

#define HEADER "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
/* cti-api 1.2, signed with the key 00 01 ... 1f */
#define PAYLOAD                                                                  \
	"eyJpZCI6ImFsaWNlIiwiMmZhIjp0cnVlLCJvdHBfdmVyaWZpZWQiOmZhbHNlLCJwcm9maW" \
	"xlX2lkIjoiMyIsImlhdCI6MTc2MDAwMDAwMCwiZXhwIjoxNzYwMDAwNjAwLCJqdGkiOiJB" \
	"QUVDQXdRRkJnY0lDUW9MREEwT0R3IiwiZG9tIjoiZXhhbXBsZS5vcmcifQ"
#define SIGNATURE "zmDMXVM_TwCNHuVqnCGZd_OK6R6tcfPBjuSWtyfTYXI"
#define VECTOR    HEADER "." PAYLOAD "." SIGNATURE
#define NOW       1760000100

#define HS256 "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

/* What the last token said that was accepted. */
static struct session_claims accepted;

static enum err verify(struct context *c, const char *token)
{
	return session_token_verify(c->keys, str_from(token), NOW, c->arena, &accepted);
}

static const char *encoded(struct context *c, const void *p, size_t n)
{
	char *out = arena_alloc(c->arena, BASE64_SIZE(n));

	base64url_encode(out, p, n);
	return out;
}

/* A token with this header and payload, signed with HMAC-SHA-256 and this key. */
static const char *forge(struct context *c, const char *header, const char *payload, struct str key)
{
	uint8_t mac[HASH_BYTES];
	const char *text = arena_printf(c->arena, "%s.%s", encoded(c, header, strlen(header)),
		encoded(c, payload, strlen(payload)));

	hash_hmac_sha256(key, str_from(text), mac);
	return arena_printf(c->arena, "%s.%s", text, encoded(c, mac, sizeof(mac)));
}

static struct str our_key(const struct context *c)
{
	return (struct str){ (const char *)keyring_current(c->keys, KEY_JWT)->bytes, KEY_BYTES };
}

static enum err verify_payload(struct context *c, const char *payload)
{
	return verify(c, forge(c, HS256, payload, our_key(c)));
}

static void a_second_factor_that_is_required_is_said_only_when_it_is(void **state)
{
	struct context *c = *state;
	struct session_claims claims = { .id = "alice",
		.domain = "example.org",
		.jti = "AAECAwQFBgcICQoLDA0ODw",
		.issued_at = NOW,
		.expires_at = NOW + 600 };
	char *token;

	for (int required = 0; required < 2; required++) {
		claims.two_factor_required = required;
		assert_int_equal(session_token_make(c->keys, &claims, c->arena, &token), ERR_OK);
		assert_int_equal(verify(c, token), ERR_OK);
		assert_int_equal(accepted.two_factor_required, required);
	}
	assert_int_equal(
		verify_payload(c, "{\"id\":\"a\",\"dom\":\"d\",\"jti\":\"j\",\"iat\":1,"
				  "\"exp\":1760000600,\"2fa\":false,\"otp_verified\":false,"
				  "\"2fa_required\":\"yes\"}"),
		ERR_TOKEN_INVALID);
}

static void check_vector_of_the_specification(void **state)
{
	struct context *c = *state;

	assert_int_equal(verify(c, VECTOR), ERR_OK);
	assert_string_equal(accepted.id, "alice");
	assert_string_equal(accepted.domain, "example.org");
	assert_string_equal(accepted.jti, "AAECAwQFBgcICQoLDA0ODw");
	assert_string_equal(accepted.profile_id, "3");
	assert_null(accepted.audience);
	assert_int_equal(accepted.issued_at, 1760000000);
	assert_int_equal(accepted.expires_at, 1760000600);
	assert_true(accepted.two_factor);
	assert_false(accepted.otp_verified);
}

static void made_token_verifies_and_begins_as_clients_expect(void **state)
{
	struct context *c = *state;
	const struct session_claims in = { .id = "bob",
		.domain = "example.org",
		.jti = "j",
		.audience = "nethlink",
		.issued_at = NOW,
		.expires_at = NOW + 1,
		.otp_verified = true };
	char *token;

	assert_int_equal(session_token_make(c->keys, &in, c->arena, &token), ERR_OK);
	assert_memory_equal(token, HEADER ".", strlen(HEADER "."));
	assert_int_equal(verify(c, token), ERR_OK);
	assert_string_equal(accepted.id, "bob");
	assert_string_equal(accepted.audience, "nethlink");
	assert_null(accepted.profile_id);
	assert_int_equal(accepted.expires_at, NOW + 1);
	assert_false(accepted.two_factor);
	assert_true(accepted.otp_verified);
}

static void token_without_its_texts_is_not_made(void **state)
{
	struct context *c = *state;
	struct session_claims in = { .id = "bob", .domain = "example.org", .issued_at = NOW };
	char *token = NULL, big[SESSION_TOKEN_MAX];

	assert_int_equal(session_token_make(c->keys, &in, c->arena, &token), ERR_INTERNAL);
	in.jti = "";
	assert_int_equal(session_token_make(c->keys, &in, c->arena, &token), ERR_INTERNAL);
	memset(big, 'j', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	in.jti = big;
	assert_int_equal(session_token_make(c->keys, &in, c->arena, &token), ERR_LIMIT);
	assert_null(token);
}

static void expired_token_is_told_apart(void **state)
{
	struct context *c = *state;
	struct str token = STR(VECTOR);

	assert_int_equal(
		session_token_verify(c->keys, token, 1760000599, c->arena, &accepted), ERR_OK);
	assert_int_equal(session_token_verify(c->keys, token, 1760000600, c->arena, &accepted),
		ERR_TOKEN_EXPIRED);
}

static void previous_key_is_accepted_and_a_foreign_one_is_not(void **state)
{
	struct context *c = *state;

	keyring_free(&c->keys);
	c->keys = keys_from(KEYS_AFTER_CHANGE);
	assert_int_equal(verify(c, VECTOR), ERR_OK);
	keyring_free(&c->keys);
	c->keys = keys_from(KEYS_OTHER);
	assert_int_equal(verify(c, VECTOR), ERR_TOKEN_INVALID);
}

#define CLAIMS_WITHOUT_EXP                                                                   \
	"\"id\":\"a\",\"dom\":\"b\",\"jti\":\"c\",\"iat\":1,\"2fa\":false,\"otp_verified\":" \
	"false"

static void other_headers_are_refused(void **state)
{
	static const char *const headers[] = {
		"{\"alg\":\"none\",\"typ\":\"JWT\"}",
		"{\"alg\":\"None\"}",
		"{\"alg\":\"RS256\",\"typ\":\"JWT\"}",
		"{\"alg\":\"HS512\",\"typ\":\"JWT\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"crit\":[\"exp\"]}",
		"{\"alg\":\"HS256\",\"alg\":\"none\",\"typ\":\"JWT\"}",
		"{}",
		"",
	};
	const char *payload = "{" CLAIMS_WITHOUT_EXP ",\"exp\":9999999999}";
	struct context *c = *state;

	assert_int_equal(verify_payload(c, payload), ERR_OK);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		assert_int_equal(
			verify(c, forge(c, headers[i], payload, our_key(c))), ERR_TOKEN_INVALID);
	assert_int_equal(verify(c, arena_printf(c->arena, "%s.%s.", encoded(c, headers[0], 27),
					   encoded(c, payload, strlen(payload)))),
		ERR_TOKEN_INVALID);
}

static void public_key_text_is_no_hmac_key(void **state)
{
	const char *payload = "{" CLAIMS_WITHOUT_EXP ",\"exp\":9999999999}";
	struct context *c = *state;
	struct str pem = STR("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n");

	assert_int_equal(verify(c, forge(c, HS256, payload, pem)), ERR_TOKEN_INVALID);
	assert_int_equal(verify(c, forge(c, "{\"alg\":\"RS256\",\"typ\":\"JWT\"}", payload, pem)),
		ERR_TOKEN_INVALID);
	assert_int_equal(verify(c, forge(c, HS256, payload, STR(""))), ERR_TOKEN_INVALID);
}

static void each_claim_needs_its_type(void **state)
{
	static const struct {
		const char *name, *good;
		bool optional;
		const char *wrong[8];
	} claims[] = {
		{ "id", "\"a\"", false, { "1", "null", "true", "[\"a\"]", "{}", "\"\"" } },
		{ "dom", "\"a\"", false, { "1", "null", "\"\"" } },
		{ "jti", "\"a\"", false, { "1", "null", "[]", "\"\"" } },
		{ "profile_id", "\"3\"", true, { "3", "null", "false" } },
		{ "aud", "\"a\"", true, { "[\"a\"]", "1" } },
		{ "iat", "1", false, { "\"1\"", "1.5", "null", "-1", "1e3" } },
		{ "exp", "9999999999", false,
			{ "\"9999999999\"", "9999999999.5", "null", "true", "-1" } },
		{ "2fa", "true", false, { "\"true\"", "1", "null" } },
		{ "otp_verified", "true", false, { "\"true\"", "0", "null" } },
	};
	const size_t n = sizeof(claims) / sizeof(claims[0]);
	struct context *c = *state;

	for (size_t i = 0; i < n; i++) {
		const char *rest = "\"x\":1";

		for (size_t j = 0; j < n; j++)
			if (j != i)
				rest = arena_printf(c->arena, "%s,\"%s\":%s", rest, claims[j].name,
					claims[j].good);
		assert_int_equal(verify_payload(c, arena_printf(c->arena, "{%s}", rest)),
			claims[i].optional ? ERR_OK : ERR_TOKEN_INVALID);
		for (size_t k = 0; claims[i].wrong[k]; k++)
			assert_int_equal(
				verify_payload(c, arena_printf(c->arena, "{%s,\"%s\":%s}", rest,
							  claims[i].name, claims[i].wrong[k])),
				ERR_TOKEN_INVALID);
	}
}

static void malformed_text_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		HEADER,
		HEADER "." PAYLOAD,
		HEADER "." PAYLOAD ".",
		HEADER ".." SIGNATURE,
		VECTOR ".",
		VECTOR ".x",
		"." VECTOR,
		" " VECTOR,
		VECTOR " ",
		VECTOR "=",
		VECTOR "A",
		HEADER "." PAYLOAD ".zmDMXVM_TwCNHuVqnCGZd_OK6R6tcfPBjuSWtyfTYXJ",
		HEADER "." PAYLOAD ".zmDMXVM/TwCNHuVqnCGZd/OK6R6tcfPBjuSWtyfTYXI",
		HEADER "." PAYLOAD ".zmDMXVM_!TwCNHuVqnCGZd_OK6R6tcfPBjuSWtyfTYXI",
		HEADER "." PAYLOAD "AAAA." SIGNATURE,
	};
	struct context *c = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(verify(c, bad[i]), ERR_TOKEN_INVALID);
	for (size_t n = 0; n < strlen(VECTOR); n++)
		assert_int_equal(session_token_verify(c->keys, (struct str){ VECTOR, n }, NOW,
					 c->arena, &accepted),
			ERR_TOKEN_INVALID);
	assert_int_equal(verify_payload(c, "not json"), ERR_TOKEN_INVALID);
	assert_int_equal(verify_payload(c, "[1]"), ERR_TOKEN_INVALID);
}

static void huge_token_is_refused(void **state)
{
	struct context *c = *state;
	char *big = arena_alloc(c->arena, 65536 + 1);

	memset(big, 'A', 65536);
	assert_int_equal(verify(c, big), ERR_TOKEN_INVALID);
	memcpy(big, HEADER ".", strlen(HEADER "."));
	assert_int_equal(verify(c, big), ERR_TOKEN_INVALID);
	assert_int_equal(
		verify(c, arena_printf(c->arena, "%s.%s", big, SIGNATURE)), ERR_TOKEN_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_KEYS(check_vector_of_the_specification),
		WITH_KEYS(a_second_factor_that_is_required_is_said_only_when_it_is),
		WITH_KEYS(made_token_verifies_and_begins_as_clients_expect),
		WITH_KEYS(token_without_its_texts_is_not_made),
		WITH_KEYS(expired_token_is_told_apart),
		WITH_KEYS(previous_key_is_accepted_and_a_foreign_one_is_not),
		WITH_KEYS(other_headers_are_refused),
		WITH_KEYS(public_key_text_is_no_hmac_key),
		WITH_KEYS(each_claim_needs_its_type),
		WITH_KEYS(malformed_text_is_refused),
		WITH_KEYS(huge_token_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
