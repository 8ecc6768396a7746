#include "sms_priv.h"

static void none_begin(
	const struct sms_settings *settings, const struct sms_message *m, struct dialogue *d)
{
	(void)settings;
	(void)m;
	dialogue_later(d, 0, "there is no back end for text messages");
}

void sms_begin(const struct sms_settings *settings, const struct sms_message *m, struct dialogue *d)
{
	static void (*const backends[])(const struct sms_settings *, const struct sms_message *,
		struct dialogue *) = { [SMS_NONE] = none_begin,
		[SMS_WEBHOOK] = sms_webhook_begin,
		[SMS_OVH] = sms_ovh_begin };

	backends[settings->backend](settings, m, d);
}
