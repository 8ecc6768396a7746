/* A rule that sends the calls of an account elsewhere (O-CALLFWD, accounts-api II.10). Plain data. */
#ifndef DIALTONE_RESOURCES_CALL_FORWARDINGS_FIELDS_H
#define DIALTONE_RESOURCES_CALL_FORWARDINGS_FIELDS_H

#include "base/field.h"
#include "base/json_schema.h"

#define CALL_FORWARDING_URI_MAX 1024 /* characters */

struct call_forwarding {
	int64_t id, account_id;
	const char *type;       /* "always", "no_answer", "busy" */
	const char *forward_to; /* "sip_uri", "contact", "voicemail" */
	const char *sip_uri;
	bool enabled;
	int64_t contact_id; /* 0: none */
	const char *contact_sip_uri;
	int64_t created_at, updated_at;
};
extern const struct field call_forwarding_fields[];
extern const struct shape call_forwarding_shape;

#endif
