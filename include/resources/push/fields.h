/* A device that hears of push notifications (R-PN-* of accounts-api section 5). Plain data. */
#ifndef DIALTONE_RESOURCES_PUSH_FIELDS_H
#define DIALTONE_RESOURCES_PUSH_FIELDS_H

#include "base/field.h"

struct push_device {
	const char *pn_provider, *pn_param, *pn_prid;
};

#define PUSH_PARAM_MAX 255
#define PUSH_PRID_MAX  512

/* Values of pn_provider, NULL-terminated. */
extern const char *const push_providers[];
/* `check` functions of the other two. */
const struct text *push_param_check(struct str s);
const struct text *push_prid_check(struct str s);
/* Of the identifier of the call that a notification is about (R-CALL-ID). */
const struct text *push_call_id_check(struct str s);

/* clang-format off */
/* The rows for a struct `st` that holds a device at `p` (empty, or "member."). */
#define PUSH_DEVICE_FIELDS(st, p, flags_of_others)                                                  \
	FIELD_TEXT_AS(st, p pn_provider, "pn_provider", .flags = FIELD_REQUIRED,                    \
		.one_of = push_providers, .doc = "Service that delivers the notification"),         \
	FIELD_TEXT_AS(st, p pn_param, "pn_param", .flags = flags_of_others, .max = PUSH_PARAM_MAX,  \
		.check = push_param_check, .doc = "Its application",                                \
		.example = "ABCD1234.org.example.app"),                                             \
	FIELD_TEXT_AS(st, p pn_prid, "pn_prid", .flags = flags_of_others, .max = PUSH_PRID_MAX,     \
		.check = push_prid_check, .doc = "Its device, as the service knows it",             \
		.example = "dd7f8c2a:remote")
/* clang-format on */

#endif
