/*
 * The server that sends the mails of a space (accounts-api II.2), in the place of the site's own.  Its password
 * is sealed: no answer has it, and who replaces the server gives it anew.
 */
#ifndef DIALTONE_RESOURCES_SPACE_EMAIL_SERVER_H
#define DIALTONE_RESOURCES_SPACE_EMAIL_SERVER_H

#include "base/subject.h"
#include "resources/space_email/fields.h"
#include "service/service.h"

/* For crypto/seal: what its password is bound to. */
extern const struct str email_password_context;

/* Of the space {domain}: struct email_server, its password sealed. */
extern const struct subject email_server_of_space;
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
/* ERR_NOT_FOUND: the space has none. */
MUST_CHECK enum err email_server_delete(struct service *s, int64_t space_id);

#endif
