/*
 * Push notifications to devices, by one back end (the setting push_backend): `none`; `native`, which talks to
 * Firebase (FCM HTTP v1) and Apple (APNs) itself; `flexisip-pusher`, the program of the Flexisip proxy.
 *
 * A back end keeps what servers know it by (tokens with an end) for its process.  It knows no accounts.
 */
#ifndef DIALTONE_GATEWAYS_PUSH_H
#define DIALTONE_GATEWAYS_PUSH_H

#include "conf/outgoing_settings.h"
#include "conf/push_settings.h"
#include "gateways/dialogue.h"

enum push_type { PUSH_BACKGROUND, PUSH_MESSAGE, PUSH_CALL };

struct push_message {
	const char *provider;     /* "fcm", "apns", "apns.dev" */
	const char *param, *prid; /* as RFC 8599 has them: the application, the device */
	enum push_type type;
	const char *call_id; /* NULL: of no call */
	const char *payload; /* a JSON object for the application; NULL: none */
};

struct push_gateway;
/* The settings are kept. Not for use across fork(). */
struct push_gateway *push_gateway_new(
	const struct push_settings *settings, const struct outgoing_settings *outgoing);
void push_gateway_free(struct push_gateway **g);

/* Whether there is a back end. */
bool push_gateway_is_set_up(const struct push_gateway *g);
/* Fills in a dialogue that delivers m, which is kept for it.  A back end that is a program has delivered it, or
 * has not, when this returns, at until_ms (clock_ms()) at the latest. */
void push_begin(
	struct push_gateway *g, const struct push_message *m, int64_t until_ms, struct dialogue *d);
/* push_begin() and its calls, one by one. */
void push_deliver(
	struct push_gateway *g, const struct push_message *m, int64_t until_ms, struct dialogue *d);

#endif
