/*
 * The second factor of an account: set up, looked at, taken away (cti-api 1.7, 1.10, 1.11).
 *
 * Showing it at login is otp.c, what to do without the phone recovery_code.c.  A failing
 * database is an error, never "off".
 */
#ifndef DIALTONE_RESOURCES_TWO_FACTOR_TWO_FACTOR_H
#define DIALTONE_RESOURCES_TWO_FACTOR_TWO_FACTOR_H

#include "service/service.h"
#include "service/caller.h"

struct two_factor_setup {
	const char *url; /* otpauth://totp/... for a QR code */
	const char *key; /* the secret in base32, for typing */
};

extern const struct refusal second_factor_on, second_factor_off, second_factor_mandatory,
	second_factor_forbidden;

/* The secret of the set-up that is going on, else a new one, for 15 minutes.
 * second_factor_on; second_factor_forbidden: the space wants none. */
MUST_CHECK enum err two_factor_begin(
	struct service *s, const struct identity *who, struct two_factor_setup *ret);

/* Of the caller, while it is on. */
extern const struct subject two_factor_own;
MUST_CHECK enum err two_factor_is_on(struct service *s, const struct identity *who, bool *ret);

/* Takes it away and ends every session. password_wrong, second_factor_off;
 * second_factor_mandatory: the space requires it. */
MUST_CHECK enum err two_factor_disable(
	struct service *s, const struct identity *who, const char *password);
/* The same through a door without a session that has shown the code: both are wanted, and
 * s->errors names what is missing (ERR_INVALID).  Besides what is above otp_wrong and ERR_TOO_MANY. */
MUST_CHECK enum err two_factor_disable_with_code(
	struct service *s, const struct identity *who, const char *password, const char *otp);
/* The same by an administrator, for a user who lost everything. second_factor_off. */
MUST_CHECK enum err two_factor_reset(struct service *s, int64_t account_id);

/* Opens a sealed secret of this account: TOTP_SECRET_BYTES in the arena. */
MUST_CHECK enum err two_factor_secret(
	struct service *s, int64_t account_id, struct str sealed, const uint8_t **ret);
/* What the sealed secrets of an account are bound to. */
struct str two_factor_context(struct arena *arena, int64_t account_id);

#endif
