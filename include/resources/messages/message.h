/*
 * SIP MESSAGEs that an administrator sends (accounts-api I.16): over Kamailio, which tells what the other side
 * answered, or over linphone-daemon, which tells that it has taken it.
 */
#ifndef DIALTONE_RESOURCES_MESSAGES_MESSAGE_H
#define DIALTONE_RESOURCES_MESSAGES_MESSAGE_H

#include "resources/messages/fields.h"
#include "service/service.h"

/* Whether there is anything that sends one. */
bool message_can_be_sent(const struct service *s);
/* from: the account that sends it, as the receiver sees it; linphone-daemon has one of its own.
 * ERR_INVALID, with the fields in s->errors: it is not taken for the receiver.  sip_server_away
 * (service/sip_request.h), waiting_full. */
MUST_CHECK enum err message_send(struct service *s, const char *from_user, const char *from_domain,
	const struct message *m, const char **ret_id);

#endif
