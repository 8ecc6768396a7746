/* Push notifications to devices (accounts-api II.13, 13.1). */
#ifndef DIALTONE_RESOURCES_PUSH_PUSH_H
#define DIALTONE_RESOURCES_PUSH_PUSH_H

#include "base/refusal.h"
#include "gateways/push.h"
#include "resources/push/fields.h"
#include "service/service.h"

/* There is nothing here that could send one, or it was not sent: the device or the application is unknown, the
 * service that delivers it is away or refuses. */
extern const struct refusal push_unavailable;

/* Waits for the service that delivers it (service/waiting.h), so not inside a transaction.  payload: a JSON object for
 * the application; NULL: none. push_unavailable, waiting_full. */
MUST_CHECK enum err push_to_device(struct service *s, const struct push_device *device,
	enum push_type type, const char *call_id, const char *payload);

struct push_notification {
	struct push_device device; /* NULL members: not given */
	const char *type;          /* one of push_types */
	const char *call_id;       /* NULL: of no call */
};

/* background, message, call; NULL-terminated. */
extern const char *const push_types[];

/* For the account that asks; so many an hour (ERR_TOO_MANY). push_unavailable, waiting_full. */
MUST_CHECK enum err push_send(
	struct service *s, int64_t account_id, const struct push_notification *n);

#endif
