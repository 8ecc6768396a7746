#include "resources/persistent_tokens/persistent_token.h"

#define DAY_S (24 * 3600)

const char *const persistent_token_audiences[] = { "phone-island", "mobile-app", "nethlink", NULL };

enum err persistent_token_make(struct service *s, const struct identity *who, const char *audience,
	struct opened_session *ret)
{
	const struct session_purpose purpose = { .audience = audience,
		.two_factor = who->two_factor,
		.otp_verified = who->otp_verified,
		.seconds = s->settings->persistent_token_days * DAY_S };
	enum err e = session_end_for(s, who->account_id, audience);

	if (e == ERR_OK)
		e = session_open(s, who, &purpose, ret);
	if (e == ERR_OK)
		session_copy_open(s, who, &purpose, ret);
	return e;
}

enum err persistent_token_exists(
	struct service *s, const struct identity *who, const char *audience, bool *ret)
{
	return session_exists_for(s, who->account_id, audience, ret);
}

enum err persistent_token_end(struct service *s, const struct identity *who, const char *audience)
{
	return session_end_for(s, who->account_id, audience);
}
