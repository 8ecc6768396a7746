/*
 * Codes for users who lost the phone (cti-api 1.9, 5.4, 5.39): six digits, each good once, made anew by
 * each call and never otherwise.
 *
 * Only their HMAC-SHA-256 with a key of the server is stored; codes made before the key was rotated
 * stay good while the old key is kept.
 */
#ifndef DIALTONE_RESOURCES_TWO_FACTOR_RECOVERY_CODE_H
#define DIALTONE_RESOURCES_TWO_FACTOR_RECOVERY_CODE_H

#include "service/service.h"
#include "service/caller.h"

#define RECOVERY_CODES       5
#define RECOVERY_CODE_DIGITS 6

/* A new set; the one before is void. password_wrong, second_factor_off. */
MUST_CHECK enum err recovery_codes_make(struct service *s, const struct identity *who,
	const char *password, const char *ret[RECOVERY_CODES]);
/* Inside a transaction: takes this code. ERR_NOT_FOUND: it is none, or was used. */
MUST_CHECK enum err recovery_code_use(struct service *s, int64_t account_id, const char *code);

#endif
