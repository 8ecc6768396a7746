/*
 * Sealing every stored secret anew with the current key, after the key was rotated.
 *
 * It may be interrupted and run again, beside running servers.  When nothing was left behind, older
 * seal keys are not needed any more.
 */
#ifndef DIALTONE_CTL_RESEAL_H
#define DIALTONE_CTL_RESEAL_H

#include "service/service.h"

struct reseal_count {
	int64_t renewed;
	int64_t unreadable; /* no key opens them; logged */
};

MUST_CHECK enum err reseal_all(struct service *s, struct reseal_count *ret);

#endif
