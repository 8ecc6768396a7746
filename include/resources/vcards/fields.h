/* A vCard that an account keeps on the server (O-VCARD, accounts-api II.12). */
#ifndef DIALTONE_RESOURCES_VCARDS_FIELDS_H
#define DIALTONE_RESOURCES_VCARDS_FIELDS_H

#include "base/field.h"

#define VCARD_BODY_MAX   ((size_t)1 << 20) /* bytes of a request with one */
#define VCARDS_MAX       2000              /* of an account */
#define VCARDS_MAX_BYTES 7340032           /* of all of them: one answer shows all */

struct stored_vcard {
	const char *uid;
	int64_t account_id;
	const char *key;   /* the UID without "urn:uuid:" */
	const char *vcard; /* as vcard.h of the folder writes it */
	int64_t bytes;
	int64_t created_at, updated_at;
};
/* The first is the UID: what a map of them is by. */
extern const struct field stored_vcard_fields[];
extern const struct shape stored_vcard_shape; /* "Vcard" */

#endif
