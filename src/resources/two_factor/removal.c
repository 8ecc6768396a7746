/* Taking a second factor away (resources/two_factor/two_factor.h). */
#include "resources/two_factor/two_factor.h"

#include "identity/password.h"
#include "otp.h"
#include "resources/sessions/session.h"
#include "service/refusal.h"
#include "service/transaction.h"
#include "two_factor_priv.h"

static enum err reset(struct service *s, void *account_id)
{
	enum err e = two_factor_store_disable(s, *(int64_t *)account_id);

	if (e == ERR_NOT_FOUND)
		return refused(s, &second_factor_off);
	return e == ERR_OK ? session_end_all_but(s, *(int64_t *)account_id, NULL, NULL) : e;
}

enum err two_factor_reset(struct service *s, int64_t account_id)
{
	return service_change(s, reset, &account_id);
}

enum err two_factor_disable(struct service *s, const struct identity *who, const char *password)
{
	struct login_row row = { 0 };
	enum err e =
		password_check(s, DOOR_PASSWORD_AGAIN, who->username, who->domain, password, &row);

	if (e != ERR_OK)
		return e;
	return row.required ? refused(s, &second_factor_mandatory)
			    : two_factor_reset(s, who->account_id);
}

/* *ret_code: the six digits of otp. */
static enum err check_both(
	struct service *s, const char *password, const char *otp, const char **ret_code)
{
	*ret_code = otp ? otp_parse(s->arena, otp) : NULL;
	if (!password)
		field_errors_add(s->errors, "password", &text_required);
	if (!otp)
		field_errors_add(s->errors, "otp", &text_required);
	else if (!*ret_code)
		field_errors_add(s->errors, "otp", &text_format);
	return s->errors->count ? ERR_INVALID : ERR_OK;
}

enum err two_factor_disable_with_code(
	struct service *s, const struct identity *who, const char *password, const char *otp)
{
	struct login_row row = { 0 };
	const char *code;
	enum err e = check_both(s, password, otp, &code);

	if (e == ERR_OK)
		e = password_check(
			s, DOOR_PASSWORD_AGAIN, who->username, who->domain, password, &row);
	if (e == ERR_OK && row.required)
		return refused(s, &second_factor_mandatory);
	if (e == ERR_OK)
		e = otp_show_again(s, who, code);
	return e == ERR_OK ? two_factor_reset(s, who->account_id) : e;
}
