#include "resources/cti_users/cti_user.h"
#include "service/limit.h"

#include <string.h>

#include "base/encode.h"
#include "resources/extensions/extension.h"
#include "settings.h"
#include "cti_users_priv.h"
#include "resources/profiles/profile.h"

#define SETTINGS_MAX       64
#define SETTINGS_BYTES_MAX (64 * 1024)
#define MAGIC_BYTES        12

/* Whether it is one of the extensions of the account with that name. */
static enum err check_own(
	struct service *s, int64_t account_id, const char *username, const char *exten)
{
	struct extension *list;
	size_t n;
	enum err e = extension_list_own(s, account_id, username, NULL, &list, &n);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].exten, exten) == 0)
			return ERR_OK;
	return ERR_FORBIDDEN;
}

enum err cti_user_choose_device(struct service *s, const struct cti_user *u, const char *exten)
{
	enum err e = check_own(s, u->account_id, u->username, exten);

	return e == ERR_OK ? cti_user_store_set_default_device(s, u->account_id, exten) : e;
}

enum err cti_user_put_settings(struct service *s, int64_t account_id, const char *object)
{
	struct cti_setting_usage usage;

	if (strcmp(object, "{}") == 0)
		return ERR_BAD_REQUEST;
	enum err e = cti_setting_store_put(s, account_id, object, &usage);

	if (e == ERR_INVALID)
		return ERR_BAD_REQUEST;
	if (e == ERR_OK && usage.keys > SETTINGS_MAX)
		return ERR_BAD_REQUEST;
	if (e == ERR_OK && usage.bytes > SETTINGS_BYTES_MAX)
		return ERR_TOO_LARGE;
	return e;
}

enum err cti_user_delete_settings(struct service *s, int64_t account_id, const char *key)
{
	return cti_setting_store_delete(s, account_id, key);
}

static bool is_picture(const uint8_t *p, size_t n)
{
	static const struct {
		const char *bytes;
		size_t n, at;
	} magics[] = {
		{ "\x89PNG\r\n\x1a\n", 8, 0 },
		{ "\xff\xd8\xff", 3, 0 },
		{ "GIF8", 4, 0 },
		{ "WEBP", 4, 8 },
	};

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (n >= magics[i].at + magics[i].n &&
			memcmp(p + magics[i].at, magics[i].bytes, magics[i].n) == 0)
			return true;
	return false;
}

/* Cuts "data:image/png;base64,". */
static bool cut_head(struct str *s)
{
	struct str head = str_split(s, ',');

	for (size_t i = 0; i < 4; i++)
		if (str_is(head,
			    (const char *[]){ "data:image/png;base64", "data:image/jpeg;base64",
				    "data:image/gif;base64", "data:image/webp;base64" }[i]))
			return s->p != NULL;
	return false;
}

static bool is_base64(struct str s)
{
	size_t n = s.n;

	while (n && s.n - n < 2 && s.p[n - 1] == '=')
		n--;
	for (size_t i = 0; i < n; i++) {
		char c = s.p[i], lower = (char)(c | 0x20);

		if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '+' &&
			c != '/')
			return false;
	}
	return s.n > 0 && s.n % 4 == 0;
}

const struct text *cti_user_avatar_check(struct str s)
{
	uint8_t start[MAGIC_BYTES];
	size_t n;

	if (!cut_head(&s) || s.n / 4 * 3 > AVATAR_BYTES_MAX || !is_base64(s))
		return &text_format;
	/* Sixteen letters are twelve bytes: enough to see what it is. */
	struct str head = { s.p, s.n < 16 ? s.n : 16 };

	if (!base64_decode(start, head, &n) || !is_picture(start, n))
		return &text_format;
	return NULL;
}

/* Adds to s->errors what names nothing of this user's. */
static enum err check_references(
	struct service *s, const struct account *a, const struct cti_user_change *in)
{
	struct profile profile;
	enum err e = in->profile_id ? profile_get(s, a->domain, in->profile_id, &profile) : ERR_OK;

	if (e == ERR_NOT_FOUND)
		field_errors_add(s->errors, "profile_id", &text_unknown);
	else if (e != ERR_OK)
		return e;
	e = in->default_device ? check_own(s, a->id, a->username, in->default_device) : ERR_OK;
	if (e == ERR_FORBIDDEN)
		field_errors_add(s->errors, "default_device", &text_unknown);
	else if (e != ERR_OK)
		return e;
	return s->errors->count ? ERR_INVALID : ERR_OK;
}

enum err cti_user_admin_put(struct service *s, const struct account *a,
	const struct cti_user_change *in, struct cti_user_change *ret)
{
	struct cti_user_change row = *in;
	enum err e = check_references(s, a, in);

	row.account_id = a->id;
	if (e == ERR_OK)
		e = cti_user_store_admin_put(s, a->domain, &row);
	return e == ERR_OK ? cti_user_store_admin_get(s, a->domain, a->id, ret) : e;
}

static bool is_own(struct service *s, bool own)
{
	if (own)
		limit_note(s, LIMIT_DIRECTORY);
	return own;
}

bool cti_users_are_own(struct service *s, const struct rows *users)
{
	const struct cti_user *first = users->items;

	return is_own(s, users->n && first->listed_alone);
}

bool cti_avatars_are_own(struct service *s, const struct cti_avatars *avatars)
{
	return is_own(s, avatars->own);
}
