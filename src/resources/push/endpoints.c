/* Push notifications that an account asks for (accounts-api II.13). */
#include "http/ctx.h"
#include "resources/push/push.h"
#include "service/caller.h"
#include "service/waiting.h"

#define CALL_ID_MAX 255

static const struct field notification_fields[] = {
	PUSH_DEVICE_FIELDS(push_notification, device., 0),
	FIELD_TEXT(push_notification, type, .flags = FIELD_REQUIRED, .one_of = push_types,
		.doc = "What it is about"),
	FIELD_TEXT(push_notification, call_id, .max = CALL_ID_MAX, .check = push_call_id_check,
		.doc = "The call it is about", .example = "a84b4c76e66710@pc33.example.org"),
	FIELDS_END,
};
static const struct shape notification_shape = { "PushNotification", notification_fields,
	sizeof(struct push_notification) };

static enum err push_notification_send(struct ctx *c)
{
	return push_send(c->service, c->caller->identity.account_id, c->in);
}

const struct endpoint push_endpoints[] = {
	{ POST("/api/push_notification"), .auth = AUTH_USER, .tag = "My account",
		.open_to = OPEN_PHONE, .untold = "what is sent is not kept",
		.in = &notification_shape, .refusals = { &push_unavailable, &waiting_full },
		HANDLE(push_notification_send), .summary = "Send a push notification to a device",
		.example = "{\"pn_provider\":\"fcm\",\"pn_param\":\"my_project\","
			   "\"pn_prid\":\"dd7f8c2a\",\"type\":\"message\"}" },
	ENDPOINTS_END,
};
