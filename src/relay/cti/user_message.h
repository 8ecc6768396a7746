/* A message from user to user (cti-api 2.4). */
#ifndef DIALTONE_RELAY_CTI_USER_MESSAGE_H
#define DIALTONE_RELAY_CTI_USER_MESSAGE_H

#include "relay/core/core.h"

void user_message_send(struct cti_client *c, struct str args);

#endif
