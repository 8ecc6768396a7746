/* What text messages are sent by, and what it is known by there (gateways/sms.h). "" is none. */
#ifndef DIALTONE_CONF_SMS_SETTINGS_H
#define DIALTONE_CONF_SMS_SETTINGS_H

#include <stdint.h>

enum sms_backend { SMS_NONE, SMS_WEBHOOK, SMS_OVH };
/* Words of the setting sms_backend. */
extern const char *const sms_backends[];

struct sms_settings {
	unsigned backend; /* enum sms_backend */
	const char *webhook_url, *webhook_headers, *webhook_body, *webhook_secret_file;
	const char *ovh_url, *ovh_application_key, *ovh_service, *ovh_sender;
	const char *
		ovh_secrets_file; /* the application secret, and in the second line the consumer key */
	int64_t at_once;          /* messages of one process */
	int64_t a_minute_per_space; /* 0: no limit */
};

#endif
