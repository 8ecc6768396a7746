#include "lookup_result.h"

#include <stdlib.h>

#include "base/json_slice.h"
#include "permissions/relay_capability.h"
#include "relay/core/client.h"
#include "arguments.h"

/* Of a name, a room, an extension. */
#define WORD_MAX  256
#define WORDS_MAX 65536

uint8_t lookup_result_capabilities(struct str names)
{
	uint8_t bits = 0;

	while (names.n) {
		struct str name = str_split(&names, ' ');

		for (unsigned i = 0; i < RELAY_CAPABILITY_COUNT; i++)
			if (str_is(name, relay_capability_names[i]))
				bits |= (uint8_t)(1U << i);
	}
	return bits;
}

/* A user with no rooms named is in the room of all. */
static struct str rooms_or_all(struct str rooms)
{
	return rooms.n ? rooms : STR("all");
}

bool lookup_result_of_copy(const struct redis_reply *reply, struct lookup_result *ret)
{
	struct session_copy copy;

	if (session_copy_parse(reply, &copy) != ERR_OK)
		return false;
	*ret = (struct lookup_result){ .user = str_from(copy.user),
		.otp_verified = copy.otp_verified,
		.expires_at = copy.expires_at,
		.permissions = { .rooms = rooms_or_all(str_from(copy.rooms)),
			.ext = str_from(copy.ext),
			.capabilities = lookup_result_capabilities(str_from(copy.cap)),
			.version = copy.pv } };
	return true;
}

/* The array as Redis has it: separated by spaces. Empty when there is none. */
static struct str read_words(struct str object, const char *member, struct arena *arena)
{
	struct str rest, value, words;
	struct buf text;
	char word[WORD_MAX];
	size_t n;

	if (!json_slice_member(object, member, &rest) || json_slice_kind(rest) != JSON_ARRAY)
		return STR("");
	buf_init(&text, WORDS_MAX);
	while (json_slice_next(&rest, NULL, &value))
		if (json_slice_text(value, word, sizeof(word), &n))
			buf_printf(&text, "%s%s", text.n ? " " : "", word);
	words = (struct str){ arena_strndup(arena, text.n ? text.p : "", text.n), text.n };
	buf_finish(&text);
	return words;
}

static bool read_time(struct str object, int64_t *ret)
{
	struct str value;
	uint64_t exp;

	if (!json_slice_member(object, "exp", &value) ||
		!json_slice_uint(value, INT64_MAX / 2, &exp))
		return false;
	*ret = (int64_t)exp;
	return true;
}

static int64_t read_version(struct str object)
{
	struct str value;
	uint64_t version = 0;

	if (!json_slice_member(object, "pv", &value) ||
		!json_slice_uint(value, INT64_MAX, &version))
		return 0;
	return (int64_t)version;
}

bool lookup_result_of_answer(struct str body, struct arena *arena, struct lookup_result *ret)
{
	struct str value;

	*ret = (struct lookup_result){ 0 };
	body = str_trim(body);
	if (!json_slice_is_valid(body) || json_slice_kind(body) != JSON_OBJECT ||
		!arguments_text(body, "username", arena, WORD_MAX, &ret->user) ||
		!arguments_text(body, "domain", arena, WORD_MAX, &ret->domain) ||
		!arguments_text(body, "jti", arena, CLIENT_JTI_MAX, &ret->jti) ||
		!read_time(body, &ret->expires_at))
		return false;
	ret->otp_verified = json_slice_member(body, "otp_verified", &value) &&
			    json_slice_kind(value) == JSON_TRUE;
	ret->permissions =
		(struct cti_permissions){ .rooms = rooms_or_all(read_words(body, "rooms", arena)),
			.ext = read_words(body, "ext", arena),
			.capabilities = lookup_result_capabilities(read_words(body, "cap", arena)),
			.version = read_version(body) };
	return true;
}
