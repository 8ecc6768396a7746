/*
 * Text messages to phones, by one back end (the setting sms_backend): `none`; `webhook`, any gateway that takes a
 * POST, worded by the settings; `ovh`, which wants its requests signed.
 *
 * Nothing is kept between two messages, and files with secrets are read for each: a new one needs no restart.
 */
#ifndef DIALTONE_GATEWAYS_SMS_H
#define DIALTONE_GATEWAYS_SMS_H

#include "conf/sms_settings.h"
#include "gateways/dialogue.h"

struct sms_message {
	const char *to;   /* E.164 with its + */
	const char *text; /* UTF-8 */
	const char *mark; /* the same each time it is tried: a webhook may know a repeat by it */
};

/* Fills in a dialogue that delivers m; both it and the settings are kept for it. */
void sms_begin(
	const struct sms_settings *settings, const struct sms_message *m, struct dialogue *d);

#endif
