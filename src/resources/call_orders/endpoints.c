/* Orders of clients to phones (cti-api 4.2); what no phone takes is answered by not_offered. */
#include "http/ctx.h"
#include "resources/call_orders/call_orders.h"
#include "service/refusal.h"
#include "service/sip_request.h"
#include "service/waiting.h"

static enum err is_offered(struct ctx *c)
{
	return call_orders_are_taken(c->service) ? ERR_OK : refused(c->service, &not_implemented);
}

static enum err call(struct ctx *c)
{
	return call_order_call(c->service, &c->caller->identity, c->in);
}

static enum err answer(struct ctx *c)
{
	return call_order_answer(c->service, &c->caller->identity, c->in);
}

static enum err hangup(struct ctx *c)
{
	return call_order_hangup(c->service, &c->caller->identity, c->in, false);
}

static enum err cancel(struct ctx *c)
{
	return call_order_hangup(c->service, &c->caller->identity, c->in, true);
}

#define ORDER                                                                \
	.auth = AUTH_USER, .family = FAMILY_CTI, .tag = "Calls",             \
	.open_to = OPEN_PROGRAM | OPEN_HMAC, .condition = is_offered,        \
	.untold = "the history tells of calls", .errors = { ERR_FORBIDDEN }, \
	.invalid_as = &err_table[ERR_BAD_REQUEST].told

#define TO_PROXY &not_implemented, &sip_server_away, &waiting_full

const struct endpoint call_orders_endpoints[] = {
	{ POST("/api/astproxy/call"), ORDER, .in = &call_order_shape, .refusals = { TO_PROXY },
		HANDLE_AS(call, "call_start"), .summary = "Call a number with a device",
		.text = "A browser or desktop app is told to call (callWebrtc, actionNethLink). "
			"Any other phone "
			"rings, and calls when it is answered.",
		.example = "{\"number\":\"202\",\"endpointId\":\"201\"}" },
	{ POST("/api/astproxy/hangup"), ORDER, .in = &hangup_order_shape,
		.refusals = { TO_PROXY, &call_unknown }, HANDLE_AS(hangup, "call_hangup"),
		.summary = "End a call of a device",
		.example = "{\"convid\":\"SIP/201-0000001a>SIP/"
			   "202-0000001b\",\"endpointId\":\"201\"}" },
	{ POST("/api/astproxy/cancel"), ORDER, .in = &hangup_order_shape,
		.refusals = { TO_PROXY, &call_unknown }, HANDLE_AS(cancel, "call_cancel"),
		.summary = "End a call that a device makes and that is not answered yet",
		.example = "{\"endpointId\":\"201\"}" },
	{ POST("/api/astproxy/answer"), ORDER, .in = &answer_order_shape,
		.refusals = { &not_implemented }, HANDLE_AS(answer, "call_answer"),
		.summary = "Let a browser or desktop app answer (answerWebrtc, actionNethLink); "
			   "501 for any other phone",
		.example = "{\"endpointId\":\"201\"}" },
	ENDPOINTS_END,
};
