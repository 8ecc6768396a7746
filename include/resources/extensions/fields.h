/*
 * A device of a user: a browser, a mobile app, a desktop app or a telephone on the desk (cti-api
 * 1.5).  The first three log in at the SIP server with a name and a secret that only their owner is
 * shown.
 */
#ifndef DIALTONE_RESOURCES_EXTENSIONS_FIELDS_H
#define DIALTONE_RESOURCES_EXTENSIONS_FIELDS_H

#include "base/field.h"

#define EXTENSION_MAX         64 /* characters of a number */
#define EXTENSIONS_OF_ONE_MAX 64 /* of an account */

struct extension {
	int64_t account_id;
	const char *domain; /* of the account */
	const char *exten, *type, *username, *description;
	int64_t proxy_port; /* 0: none */
	struct str secret_sealed;
	const char *secret;  /* opened for the owner alone, else NULL */
	bool secret_is_lost; /* no key opens it */
	/* What the device logs in with at the SIP server (R-HASH); only written. NULL: not for that algorithm. */
	const char *ha1_md5, *ha1_sha256;
};

extern const struct field extension_fields[];
extern const struct shape extension_shape; /* "Extension" */

/* webrtc, mobile, nethlink, physical; NULL-terminated. */
extern const char *const extension_types[];
/* A telephone that is provisioned elsewhere: no name and secret here. */
bool extension_is_physical(const char *type);
/* Whether clients can make it answer, hold and send tones. */
bool extension_is_driven(const char *type);

/* A `check` function of field tables: digits, letters and * # + . _ - */
const struct text *extension_check(struct str s);

#endif
