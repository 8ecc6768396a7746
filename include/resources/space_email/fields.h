/* The server that sends the mails of a space: what it is, and what is shown of it. Plain data. */
#ifndef DIALTONE_RESOURCES_SPACE_EMAIL_FIELDS_H
#define DIALTONE_RESOURCES_SPACE_EMAIL_FIELDS_H

#include "base/field.h"

struct email_server {
	int64_t id, space_id;
	const char *host;
	int64_t port;
	const char *username, *password, *from_address, *from_name, *signature;
	struct str password_sealed;
	int64_t created_at, updated_at;
	bool is_new; /* it took no other's place */
};
extern const struct field email_server_fields[];
extern const struct shape email_server_shape; /* "EmailServer" */

#endif
