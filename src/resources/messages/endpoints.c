/*
 * SIP MESSAGEs that an administrator sends (accounts-api I.16).  Nothing here can send one yet: the call is not
 * there, whatever is asked.
 */
#include "http/ctx.h"

#define ADDRESS_MAX 320
#define BODY_MAX    8000

struct message {
	const char *to, *body;
};
static const struct field message_fields[] = {
	FIELD_TEXT(message, to, .flags = FIELD_REQUIRED, .max = ADDRESS_MAX,
		.doc = "user@domain, with or without \"sip:\"", .example = "bob@sip.example.org"),
	FIELD_TEXT(message, body, .flags = FIELD_REQUIRED, .max = BODY_MAX, .doc = "Text, one line",
		.example = "Hello"),
	FIELDS_END,
};
static const struct shape message_shape = { "Message", message_fields, sizeof(struct message) };

struct message_sent {
	const char *id;
};
static const struct field sent_fields[] = {
	FIELD_TEXT(message_sent, id, .doc = "As the SIP server knows it"),
	FIELDS_END,
};
static const struct shape sent_shape = { "MessageSent", sent_fields, sizeof(struct message_sent) };

static enum err no_sender(struct ctx *c)
{
	(void)c;
	return ERR_NOT_FOUND;
}

const struct endpoint messages_endpoints[] = {
	{ POST("/api/messages"), .auth = AUTH_ADMIN, .tag = "Messages", .condition = no_sender,
		.in = &message_shape, .out = &sent_shape, HANDLE_AS(no_sender, "message_send"),
		.summary = "Send a SIP MESSAGE; 404 where there is nothing that sends one",
		.example = "{\"to\":\"bob@sip.example.org\",\"body\":\"Hello\"}" },
	ENDPOINTS_END,
};
