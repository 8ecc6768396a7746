#include "domain/cti_session.h"

#include <string.h>

#include "domain/cti_user.h"
#include "domain/password.h"
#include "store/session_store.h"

#define DAY_S        (24 * 3600)
#define BEFORE_OTP_S (10 * 60) /* cti-api 1.2 */

/* "Alice@Sip.Example.Org" is alice of that domain; without one, of the space of the host. */
static void split_name(struct service *s, const struct space *space, const char *name,
	const char **ret_username, const char **ret_domain)
{
	char *username = arena_strdup(s->arena, name);

	str_lower(username);
	char *at = strrchr(username, '@');

	*ret_username = username;
	*ret_domain = space->domain;
	if (at) {
		*at = '\0';
		*ret_domain = at + 1;
	}
}

static struct session_purpose purpose_of(const struct service *s, const struct login_row *row)
{
	return (struct session_purpose){ .two_factor = row->two_factor,
		.must_enrol = row->must_enrol,
		.seconds = row->two_factor ? BEFORE_OTP_S : s->settings->session_days * DAY_S };
}

enum err cti_login(struct service *s, const struct space *space, const struct cti_login *in,
	struct cti_token *ret)
{
	const char *username, *domain;
	struct login_row row = { 0 };
	enum err e;

	split_name(s, space, in->username, &username, &domain);
	e = password_check(s, username, domain, in->password, &row);
	if (e == ERR_PASSWORD_WRONG || (e == ERR_OK && row.credentials.who.blocked))
		return ERR_LOGIN_REFUSED;
	if (e != ERR_OK)
		return e;
	if (row.credentials.who.space_expired)
		return ERR_SPACE_EXPIRED;
	const struct session_purpose purpose = purpose_of(s, &row);

	e = session_open(s, &row.credentials.who, &purpose, ret);
	if (e == ERR_OK)
		session_copy_open(s, &row.credentials.who, &purpose, ret);
	return e;
}

enum err cti_logout(struct service *s, const struct identity *who)
{
	enum err e = session_store_revoke(s, who->jti);

	if (e == ERR_OK)
		s->copies.drop(s->copies.ctx, who->domain, who->jti);
	return e == ERR_NOT_FOUND ? ERR_TOKEN_REVOKED : e;
}

enum err cti_session_mirror(struct service *s, const struct identity *who, struct reach *ret)
{
	struct cti_grants grants;
	enum err e = cti_user_grants(s, who->account_id, &grants);

	if (e != ERR_OK)
		return e;
	*ret = reach_of(&grants, s->arena);
	/* Whether a token of the HMAC login is still good is known only by looking at its account. */
	if (who->method == IDENTITY_LEGACY)
		return ERR_OK;
	s->copies.put(s->copies.ctx, &(struct live_session){ .jti = who->jti,
					     .username = who->username,
					     .domain = who->domain,
					     .audience = who->audience,
					     .otp_verified = who->otp_verified,
					     .expires_at = reach_end(ret, who->expires_at),
					     .reach = ret });
	return ERR_OK;
}
