/* The back ends of push notifications. */
#ifndef DIALTONE_GATEWAYS_PUSH_PRIV_H
#define DIALTONE_GATEWAYS_PUSH_PRIV_H

#include "base/json_writer.h"
#include "gateways/push.h"

#define PUSH_BODY_MAX 4096 /* bytes: what Apple takes, and Firebase of data */

/* How long a notification is of use. */
int64_t push_life_s(enum push_type type);
/* A key of the catalogue of texts that the application has: what it shows; "" for what shows nothing. */
const char *push_text_key(enum push_type type);

/* Firebase Cloud Messaging, HTTP v1. */
struct fcm;
struct fcm *fcm_new(const struct push_settings *settings);
void fcm_free(struct fcm **f);
void fcm_begin(struct fcm *f, const struct push_message *m, struct dialogue *d);

/* Apple Push Notification service. */
struct apns;
struct apns *apns_new(const struct push_settings *settings);
void apns_free(struct apns **a);
void apns_begin(struct apns *a, const struct push_message *m, struct dialogue *d);

/* Runs the program and ends the dialogue, at until_ms at the latest. */
void flexisip_pusher_run(const struct push_settings *settings, const struct push_message *m,
	int64_t until_ms, struct dialogue *d);

#endif
