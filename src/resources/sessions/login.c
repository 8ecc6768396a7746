#include "resources/sessions/login.h"

#include "base/sip_address.h"
#include "identity/failed_login.h"
#include "identity/password.h"
#include "service/refusal.h"
#include "sessions_priv.h"

#define DAY_S        (24 * 3600)
#define BEFORE_OTP_S (10 * 60) /* cti-api 1.2 */

const struct refusal login_refused = { 401, "login_refused",
	UNTRANSLATED("incorrect Username or Password") };

static struct session_purpose purpose_of(const struct service *s, const struct login_row *row)
{
	return (struct session_purpose){ .two_factor = row->two_factor,
		.must_enrol = row->must_enrol,
		.seconds = row->two_factor ? BEFORE_OTP_S : s->settings->session_days * DAY_S };
}

enum err cti_login(struct service *s, const struct space *space, const struct cti_login *in,
	struct opened_session *ret)
{
	const struct sip_address name = sip_address_from_name(s->arena, str_from(in->username));
	const char *domain = name.domain ? name.domain : space->domain;
	struct login_row row = { 0 };
	enum err e = password_check(s, DOOR_LOGIN, name.user, domain, in->password, &row);

	if (e == ERR_OK && row.credentials.who.blocked)
		failed_login_log(s, &(struct failed_login){ DOOR_LOGIN, FAULT_BLOCKED,
					    row.credentials.who.account_id, name.user, domain });
	if (refused_as(s, e, &password_wrong) || (e == ERR_OK && row.credentials.who.blocked))
		return refused(s, &login_refused);
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
