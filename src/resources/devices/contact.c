#include "resources/devices/contact.h"

#include "base/clock.h"
#include "base/encode.h"
#include "base/sip_uri.h"

#define SECONDS_MAX ((uint64_t)1 << 40)

/* What the text holds between these, as the field "<urn:uuid:...>" does. */
static bool cut_between(struct str *s, const char *before, const char *after)
{
	size_t n = strlen(after);

	if (!str_cut_prefix(s, before) || s->n < n || memcmp(s->p + s->n - n, after, n) != 0)
		return false;
	s->n -= n;
	return true;
}

/* The value of a name in "a=1;b;c=2". */
static bool value_of(struct str list, char separator, const char *name, struct str *ret)
{
	while (list.p) {
		struct str value = str_split(&list, separator), key = str_split(&value, '=');

		if (value.p && str_case_is(key, name)) {
			*ret = value;
			return true;
		}
	}
	return false;
}

static bool seconds_of(struct str params, const char *name, int64_t *ret)
{
	struct str value;
	uint64_t n;

	if (!value_of(params, ';', name, &value) || !str_to_uint(value, SECONDS_MAX, &n))
		return false;
	*ret = (int64_t)n;
	return true;
}

/* What stands between < and >. */
static bool uri_of(struct str value, struct str *ret)
{
	str_split(&value, '<');
	if (!value.p)
		return false;
	*ret = str_split(&value, '>');
	return value.p != NULL;
}

static bool uuid_of(struct str field, struct arena *arena, struct device *ret)
{
	if (!cut_between(&field, "\"<", ">\"") || field.n == 0 || field.n > DEVICE_UUID_MAX ||
		!str_is_made_of(field, DEVICE_UUID_SET))
		return false;
	ret->uuid = arena_strndup(arena, field.p, field.n);
	return true;
}

/* One that cannot be text is none. */
static const char *user_agent_of(struct str headers, struct arena *arena)
{
	struct str value;

	if (!headers.p || !value_of(headers, '&', "user-agent", &value) ||
		!percent_decode_text(arena, value, 0, &value) || value.n > DEVICE_TEXT_MAX)
		return "";
	return arena_strndup(arena, value.p, value.n);
}

bool contact_parse(
	struct str field, struct str value, int64_t now_s, struct arena *arena, struct device *ret)
{
	struct str uri, headers, params;
	int64_t updated, expires;

	*ret = (struct device){ 0 };
	if (!uuid_of(field, arena, ret) || !uri_of(value, &uri))
		return false;
	headers = uri;
	params = str_split(&headers, '?');
	if (!seconds_of(params, "updatedAt", &updated) ||
		!seconds_of(params, "expires", &expires) || updated + expires <= now_s)
		return false;
	params = str_split(&params, ';');
	if (sip_uri_check(params))
		return false;
	ret->contact = arena_strndup(arena, params.p, params.n);
	ret->update_time = updated * CLOCK_SECOND_US;
	ret->user_agent = user_agent_of(headers, arena);
	device_complete(arena, ret);
	return true;
}

static struct str version_of(struct str *rest)
{
	struct str version = { rest->p, 0 };

	while (version.n < rest->n && strchr("0123456789.", rest->p[version.n]))
		version.n++;
	rest->p += version.n;
	rest->n -= version.n;
	return version;
}

static bool cut_user_agent(struct str s, struct str *app, struct str *version, struct str *name)
{
	*app = str_split(&s, '/');
	if (!s.p || app->n == 0 || memchr(app->p, ' ', app->n))
		return false;
	*version = version_of(&s);
	str_split(&s, '(');
	if (!s.p)
		return false;
	*name = str_split(&s, ')');
	return version->n > 0 && s.p;
}

void device_complete(struct arena *arena, struct device *d)
{
	struct str app, version, name;

	if (!d->user_agent)
		d->user_agent = "";
	d->app = d->user_agent;
	d->version = "";
	d->device_name = "";
	if (!cut_user_agent(str_from(d->user_agent), &app, &version, &name))
		return;
	d->app = arena_strndup(arena, app.p, app.n);
	d->version = arena_strndup(arena, version.p, version.n);
	d->device_name = arena_strndup(arena, name.p, name.n);
}
