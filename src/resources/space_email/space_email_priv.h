/* store.c, for the rules. */
#ifndef DIALTONE_RESOURCES_SPACE_EMAIL_PRIV_H
#define DIALTONE_RESOURCES_SPACE_EMAIL_PRIV_H

#include "resources/space_email/server.h"

MUST_CHECK enum err email_server_store_put(
	struct service *s, const struct email_server *in, struct email_server *ret);

#endif
