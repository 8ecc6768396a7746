#include "delivery/backend.h"

extern const struct backend mail_backend, sms_backend, push_backend, flexisip_backend;

const struct backend *const backends[] = { &mail_backend, &sms_backend, &push_backend,
	&flexisip_backend, NULL };
