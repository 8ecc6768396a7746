#include "resources/push/push.h"

#include "gateways/push.h"
#include "identity/rate.h"
#include "service/refusal.h"
#include "service/waiting.h"

const struct refusal push_unavailable = { 503, "push_unavailable",
	"Push notifications cannot be sent now." };

/* By enum push_type. */
const char *const push_types[] = { "background", "message", "call", NULL };

static enum err deliver(struct service *s, void *arg, int64_t until_ms)
{
	struct dialogue d = { .arena = s->arena };

	push_deliver(s->push, arg, until_ms, &d);
	return d.result == DELIVERED ? ERR_OK : refused(s, &push_unavailable);
}

enum err push_to_device(struct service *s, const struct push_device *device, enum push_type type,
	const char *call_id, const char *payload)
{
	struct push_message m = { device->pn_provider, device->pn_param, device->pn_prid, type,
		call_id, payload };

	if (!s->push || !push_gateway_is_set_up(s->push))
		return refused(s, &push_unavailable);
	return waiting_for(s, deliver, &m);
}

static enum push_type type_of(const char *name)
{
	enum push_type type = PUSH_BACKGROUND;

	while (push_types[type + 1] && strcmp(push_types[type], name) != 0)
		type++;
	return type;
}

enum err push_send(struct service *s, int64_t account_id, const struct push_notification *n)
{
	enum err e = rate_take_push(s, account_id);

	if (e != ERR_OK)
		return e;
	if (!n->device.pn_param || !n->device.pn_prid)
		return refused(s, &push_unavailable);
	return push_to_device(s, &n->device, type_of(n->type), n->call_id, NULL);
}
