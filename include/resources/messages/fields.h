/* A SIP MESSAGE that an administrator sends.  Plain data. */
#ifndef DIALTONE_RESOURCES_MESSAGES_FIELDS_H
#define DIALTONE_RESOURCES_MESSAGES_FIELDS_H

#include "base/field.h"

#define MESSAGE_ADDRESS_MAX 320  /* characters */
#define MESSAGE_BODY_MAX    8000 /* bytes */

struct message {
	const char *to; /* user@domain, perhaps behind sip: or sips: */
	const char *body;
};
extern const struct shape message_shape; /* "Message" */

struct message_sent {
	const char *id;
};
extern const struct shape message_sent_shape; /* "MessageSent" */

#endif
