/* What orders are carried out with: the devices of a user, and Kamailio. */
#ifndef DIALTONE_RESOURCES_CALL_ORDERS_CALL_ORDERS_PRIV_H
#define DIALTONE_RESOURCES_CALL_ORDERS_CALL_ORDERS_PRIV_H

#include "resources/live_states/live_states.h"
#include "service/service.h"

struct order_device {
	int64_t account_id; /* whose it is */
	const char *exten, *type;
	const char *sip_name; /* it registers as sip_name@domain */
	bool is_asked;        /* it was named, not its user */
	bool is_chosen;       /* its user's default device */
};

/* All devices of the user whose number it is, in the order of numbers; number NULL: of that account.  None: there is
 * no such user in the domain. */
MUST_CHECK enum err order_store_devices(struct service *s, const char *domain, const char *number,
	int64_t account_id, struct order_device **ret, size_t *ret_count);

/* In the waiting room. ERR_CONFLICT: the proxy refuses. */
MUST_CHECK enum err kamailio_call(struct service *s, const char *from_user, const char *to_user,
	const char *domain, int64_t until_ms);
/* ERR_NOT_FOUND: it knows no such call. */
MUST_CHECK enum err kamailio_hangup(
	struct service *s, const struct live_call *call, const char *linked_id, int64_t until_ms);

#endif
