/* The audit trail as it is read (accounts-api II.21): who changed what, with names of fields and no value. */
#ifndef DIALTONE_RESOURCES_AUDIT_FIELDS_H
#define DIALTONE_RESOURCES_AUDIT_FIELDS_H

#include "base/field.h"

struct audit_record {
	int64_t id, at;
	const char *actor, *door, *ip, *request_id;
	const char *action,
		*object;    /* with its part: "account:alice@sip.example.org/extensions/201" */
	const char *fields; /* JSON, an array of names */
	const char *domain; /* of the space; "": of the whole server */
};

extern const struct field audit_record_fields[];
extern const struct shape audit_record_shape;

#endif
