/* SIP MESSAGEs that an administrator sends (accounts-api I.16). */
#include "http/ctx.h"
#include "resources/messages/message.h"
#include "service/caller.h"
#include "service/sip_request.h"
#include "service/waiting.h"

/* Without anything that sends one the call is not there, whatever is asked. */
static enum err is_there(struct ctx *c)
{
	return message_can_be_sent(c->service) ? ERR_OK : ERR_NOT_FOUND;
}

static enum err send_one(struct ctx *c)
{
	const struct identity *by = &c->caller->identity;
	struct message_sent *out = c->out;

	return message_send(c->service, by->username, by->domain, c->in, &out->id);
}

const struct endpoint messages_endpoints[] = {
	{ POST("/api/messages"), .auth = AUTH_ADMIN, .tag = "Messages", .condition = is_there,
		.untold = "what is sent is not kept", .in = &message_shape,
		.out = &message_sent_shape, .refusals = { &sip_server_away, &waiting_full },
		HANDLE_AS(send_one, "message_send"),
		.summary = "Send a SIP MESSAGE; 404 where there is nothing that sends one",
		.example = "{\"to\":\"bob@sip.example.org\",\"body\":\"Hello\"}" },
	ENDPOINTS_END,
};
