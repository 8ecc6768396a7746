/*
 * Walks over every stored secret: sealing it anew with the current key, after the key was rotated, or
 * dropping what no key opens, after the keys file was lost.
 *
 * Both may be interrupted and run again, beside running servers.  When sealing anew left nothing behind,
 * older seal keys are not needed any more.
 */
#ifndef DIALTONE_CTL_RESEAL_H
#define DIALTONE_CTL_RESEAL_H

#include "service/service.h"

struct reseal_count {
	int64_t renewed;
	int64_t unreadable; /* no key opens them */
};

MUST_CHECK enum err reseal_all(struct service *s, struct reseal_count *ret);

/* What no key opens, by what it was for. */
struct unreadable_count {
	int64_t second_factors, second_factors_begun, provisioning_tokens, confirmation_keys,
		extension_secrets, jobs, change_codes, space_secrets;
};

/* Counts, and with drop takes away: whose second factor it is sets one up anew, sessions ended. */
MUST_CHECK enum err reseal_forget(struct service *s, bool drop, struct unreadable_count *ret);

#endif
