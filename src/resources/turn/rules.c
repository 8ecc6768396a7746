#include "resources/turn/turn.h"

#include "base/clock.h"
#include "base/encode.h"
#include "crypto/hash.h"
#include "crypto/random.h"

#define RANDOM_LENGTH      16
#define SECONDS_PER_MINUTE 60

static const char *password_of(struct service *s, const char *username)
{
	uint8_t mac[SHA1_BYTES];
	char *text = arena_alloc(s->arena, BASE64_SIZE(SHA1_BYTES));

	hash_hmac_sha1(str_from(s->settings->turn_secret), str_from(username), mac);
	base64_encode(text, mac, SHA1_BYTES);
	return text;
}

enum err turn_make_credentials(struct service *s, struct turn_credentials *ret)
{
	const struct rule_settings *settings = s->settings;
	int64_t now = clock_wall_us() / CLOCK_SECOND_US;

	if (!*settings->turn_host || !*settings->turn_secret || !settings->turn_ttl_minutes)
		return ERR_NOT_FOUND;
	ret->ttl = settings->turn_ttl_minutes * SECONDS_PER_MINUTE;
	ret->username = arena_printf(s->arena, "%lld:%s", (long long)(now + ret->ttl),
		random_token(s->arena, RANDOM_LENGTH));
	ret->password = password_of(s, ret->username);
	ret->uris = arena_printf(s->arena, "[\"turn:%s\"]", settings->turn_host);
	return ERR_OK;
}
