/* The back ends of text messages. */
#ifndef DIALTONE_GATEWAYS_SMS_PRIV_H
#define DIALTONE_GATEWAYS_SMS_PRIV_H

#include "gateways/sms.h"

void sms_webhook_begin(
	const struct sms_settings *settings, const struct sms_message *m, struct dialogue *d);
void sms_ovh_begin(
	const struct sms_settings *settings, const struct sms_message *m, struct dialogue *d);

#endif
