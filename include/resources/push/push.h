/* Push notifications to devices (accounts-api II.13, 13.1). */
#ifndef DIALTONE_RESOURCES_PUSH_PUSH_H
#define DIALTONE_RESOURCES_PUSH_PUSH_H

#include "base/refusal.h"
#include "resources/push/fields.h"
#include "service/service.h"

/* There is nothing here that could send one. */
extern const struct refusal push_unavailable;

struct push_notification {
	struct push_device device; /* NULL members: not given */
	const char *type;          /* one of push_types */
	const char *call_id;       /* NULL: of no call */
};

/* background, message, call; NULL-terminated. */
extern const char *const push_types[];

/* For the account that asks; so many an hour (ERR_TOO_MANY). */
MUST_CHECK enum err push_send(
	struct service *s, int64_t account_id, const struct push_notification *n);

#endif
