/* What clients order of phones (cti-api 4.2).  Plain data; what was not given is NULL. */
#ifndef DIALTONE_RESOURCES_CALL_ORDERS_FIELDS_H
#define DIALTONE_RESOURCES_CALL_ORDERS_FIELDS_H

#include "base/field.h"

struct call_order {
	const char
		*endpoint_id; /* a device, or a main extension; NULL: the caller's default device */
	const char *endpoint_type;
	const char *number; /* to be called */
	const char *convid; /* the conversation to be ended; NULL: the first one */
};
extern const struct shape call_order_shape;   /* "CallOrder": number */
extern const struct shape hangup_order_shape; /* "HangupOrder": convid */
extern const struct shape answer_order_shape; /* "AnswerOrder" */

#endif
