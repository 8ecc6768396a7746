#include "resources/push/push.h"

#include "identity/rate.h"
#include "service/refusal.h"

const struct refusal push_unavailable = { 503, "push_unavailable",
	"Push notifications cannot be sent now." };

const char *const push_types[] = { "background", "message", "call", NULL };

enum err push_send(struct service *s, int64_t account_id, const struct push_notification *n)
{
	enum err e = rate_take_push(s, account_id);

	(void)n;
	return e == ERR_OK ? refused(s, &push_unavailable) : e;
}
