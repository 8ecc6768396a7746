/*
 * The server that sends the mails of a space (accounts-api II.2), in the place of the site's own.  Its password
 * is sealed: no answer has it, and who replaces the server gives it anew.
 */
#ifndef DIALTONE_RESOURCES_SPACE_EMAIL_SERVER_H
#define DIALTONE_RESOURCES_SPACE_EMAIL_SERVER_H

#include "resources/space_email/fields.h"
#include "service/service.h"

/* For crypto/seal: what its password is bound to. */
extern const struct str email_password_context;

/* The password stays sealed. ERR_NOT_FOUND: the space has none. */
MUST_CHECK enum err email_server_get(struct service *s, int64_t space_id, struct email_server *ret);
/* What a mail of a space needs to know. */
struct email_sender {
	const char *space_name;
	struct email_server server; /* host NULL: it has none */
};
/* ERR_NOT_FOUND: there is no such space. */
MUST_CHECK enum err email_sender_get(
	struct service *s, const char *domain, struct email_sender *ret);
/* Makes or replaces it. */
MUST_CHECK enum err email_server_put(struct service *s, int64_t space_id,
	const struct email_server *in, struct email_server *ret);
/* ERR_NOT_FOUND as above. */
MUST_CHECK enum err email_server_delete(struct service *s, int64_t space_id);

#endif
