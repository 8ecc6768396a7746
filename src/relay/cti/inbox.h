/* The messages from Redis: each is read and given to those it concerns. */
#ifndef DIALTONE_RELAY_CTI_INBOX_H
#define DIALTONE_RELAY_CTI_INBOX_H

#include "relay/core/core.h"

/* arg is the struct core. */
void inbox_on_message(void *arg, struct subscription *sub, struct str raw);

#endif
