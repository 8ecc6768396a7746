#include "identity/failed_login.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/network.h"

#define NAME_QUOTED 300
#define IP_QUOTED   100
#define SHOWN       "abcdefghijklmnopqrstuvwxyz0123456789._+-" /* names are in lower case here */
#define WHOLE       3
#define BEGINNING   2
#define LINES_EACH  (CLOCK_SECOND_US / 10)
#define LINES_BURST 100

static const char *const door_names[] = { [DOOR_LOGIN] = "login",
	[DOOR_HMAC_LOGIN] = "hmac-login",
	[DOOR_DIGEST] = "digest",
	[DOOR_PASSWORD_AGAIN] = "password-again",
	[DOOR_API_KEY] = "api-key",
	[DOOR_HMAC_TOKEN] = "hmac-token",
	[DOOR_JWT] = "jwt",
	[DOOR_SECOND_FACTOR] = "second-factor" };

static const char *const faults[FAULT_COUNT] = { [FAULT_PASSWORD] = "password",
	[FAULT_UNKNOWN_NAME] = "unknown_name",
	[FAULT_LOCKED] = "locked",
	[FAULT_BLOCKED] = "blocked",
	[FAULT_NOT_HERE] = "not_here",
	[FAULT_KEY] = "key",
	[FAULT_TOKEN] = "token",
	[FAULT_EXPIRED] = "expired",
	[FAULT_REVOKED] = "revoked",
	[FAULT_CODE] = "code" };

static const char *const scopes[] = { [LOCK_ACCOUNT] = "account",
	[LOCK_ACCOUNT_EVERYWHERE] = "account_everywhere",
	[LOCK_NETWORK] = "network",
	[LOCK_SECOND_FACTOR] = "second_factor" };

/* A name that no account has. NULL: nothing of it is shown. */
static const char *beginning_of(struct service *s, const char *name)
{
	size_t n = strlen(name);

	if (strspn(name, SHOWN) < (n <= WHOLE ? n : BEGINNING) || n == 0)
		return NULL;
	return n <= WHOLE ? name : arena_printf(s->arena, "%.*s*", BEGINNING, name);
}

static const char *user_of(struct service *s, const struct failed_login *f)
{
	if (!f->username || !f->domain)
		return NULL;
	if (f->account_id)
		return f->username;
	return s->client.domain && strcmp(f->domain, s->client.domain) == 0
		       ? beginning_of(s, f->username)
		       : NULL;
}

static const char *name_of(struct service *s, const struct failed_login *f, char out[NAME_QUOTED])
{
	const char *user = user_of(s, f);

	return user ? log_quote(out, NAME_QUOTED,
			      str_from(arena_printf(s->arena, "%s@%s", user, f->domain)))
		    : "-";
}

static const char *address_of(const struct service *s, char out[IP_QUOTED])
{
	return s->client.ip && *s->client.ip ? log_quote(out, IP_QUOTED, str_from(s->client.ip))
					     : "-";
}

/* 0 is "-". */
static const char *account_of(struct service *s, const struct failed_login *f)
{
	return f->account_id ? arena_printf(s->arena, "%" PRId64, f->account_id) : "-";
}

void failed_login_log(struct service *s, const struct failed_login *f)
{
	static const struct pace_limit limit = { LINES_EACH, LINES_BURST };
	char name[NAME_QUOTED], address[IP_QUOTED];

	if (!pace_take(&s->failed_logins.lines, &limit, clock_ms())) {
		s->failed_logins.left_out++;
		return;
	}
	log_fields(LOG_LEVEL_INFO, "login_failed",
		"door=%s reason=%s address=%s left_out=%" PRIu64 " account=%s name=%s",
		door_names[f->door], faults[f->fault], address_of(s, address),
		s->failed_logins.left_out, account_of(s, f), name_of(s, f, name));
	s->failed_logins.left_out = 0;
}

void failed_login_log_lock(
	struct service *s, const struct failed_login *last, enum lock_scope scope, int64_t seconds)
{
	char name[NAME_QUOTED], address[IP_QUOTED], until[CLOCK_ISO_SIZE],
		network[NETWORK_SIZE] = "";

	if (s->client.ip)
		network_of(network, str_from(s->client.ip));
	log_fields(LOG_LEVEL_WARN, "locked",
		"door=%s scope=%s address=%s network=%s seconds=%" PRId64
		" until=%s account=%s name=%s",
		door_names[last->door], scopes[scope], address_of(s, address), network, seconds,
		clock_iso(until, clock_wall_us() + seconds * CLOCK_SECOND_US), account_of(s, last),
		scope == LOCK_NETWORK ? "-" : name_of(s, last, name));
}
