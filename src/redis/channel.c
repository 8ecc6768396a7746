#include "redis/channel.h"

#include <string.h>

#include "base/encode.h"

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("._@-", c));
}

static void add_encoded(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_plain(s.p[i]))
			buf_add_char(out, s.p[i]);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)s.p[i]);
}

/* A name that is of no domain. */
static void add_name(struct buf *out, const char *prefix, const char *name)
{
	buf_add_str(out, prefix);
	buf_add_str(out, name);
}

static void add_domain(struct buf *out, const char *prefix, struct str domain)
{
	buf_add_str(out, prefix);
	buf_add_char(out, '{');
	for (size_t i = 0; i < domain.n; i++) {
		char c = domain.p[i];

		buf_add_char(out, c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c);
	}
	buf_add_char(out, '}');
}

static void add_of(
	struct buf *out, const char *prefix, struct str domain, const char *kind, struct str whose)
{
	add_domain(out, prefix, domain);
	buf_add_str(out, kind);
	add_encoded(out, whose);
}

void channel_user(struct buf *out, const char *prefix, struct str domain, struct str user)
{
	add_of(out, prefix, domain, ":u:", user);
}

void channel_room(struct buf *out, const char *prefix, struct str domain, struct str room)
{
	add_of(out, prefix, domain, ":r:", room);
}

void channel_token(struct buf *out, const char *prefix, struct str domain, struct str jti)
{
	add_domain(out, prefix, domain);
	buf_add_str(out, ":tok:");
	buf_add(out, jti.p, jti.n);
}

void channel_owner(
	struct buf *out, const char *prefix, struct str domain, struct str user, const char *ua)
{
	add_of(out, prefix, domain, ":own:", user);
	buf_add_char(out, ':');
	buf_add_str(out, ua);
}

void channel_me(struct buf *out, const char *prefix, struct str domain, struct str user)
{
	add_of(out, prefix, domain, ":me:", user);
}

void channel_roster(struct buf *out, const char *prefix, struct str domain, struct str user)
{
	add_of(out, prefix, domain, ":sess:", user);
}

void channel_of_domain(struct buf *out, const char *prefix, struct str domain, const char *which)
{
	add_domain(out, prefix, domain);
	buf_add_char(out, ':');
	buf_add_str(out, which);
}

void channel_relays(struct buf *out, const char *prefix)
{
	add_name(out, prefix, "relays");
}

bool channel_split(
	struct str name, const char *prefix, struct str *ret_domain, struct str *ret_suffix)
{
	size_t skip = strlen(prefix);
	struct str rest;

	if (name.n <= skip || memcmp(name.p, prefix, skip) != 0 || name.p[skip] != '{')
		return false;
	rest = (struct str){ name.p + skip + 1, name.n - skip - 1 };
	*ret_domain = str_split(&rest, '}');
	if (!rest.p || !str_starts(rest, ":"))
		return false;
	*ret_suffix = (struct str){ rest.p + 1, rest.n - 1 };
	return true;
}

const char *channel_suffix_user(struct str suffix, struct arena *arena)
{
	char *user;
	size_t n;

	if (!str_starts(suffix, "u:"))
		return NULL;
	suffix = (struct str){ suffix.p + 2, suffix.n - 2 };
	user = arena_alloc(arena, suffix.n + 1);
	return percent_decode(user, suffix.n + 1, suffix, PERCENT_LENIENT, &n) ? user : NULL;
}

void channel_relay(struct buf *out, const char *prefix, struct str relay)
{
	buf_add_str(out, prefix);
	buf_add_str(out, "n:");
	buf_add(out, relay.p, relay.n);
}

void channel_control(struct buf *out, const char *prefix)
{
	add_name(out, prefix, "ctl");
}

void channel_wake(struct buf *out, const char *prefix)
{
	add_name(out, prefix, "wake:outbox");
}
