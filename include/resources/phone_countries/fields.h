/* A country with a plan of phone numbers (accounts-api II.14). */
#ifndef DIALTONE_RESOURCES_PHONE_COUNTRIES_FIELDS_H
#define DIALTONE_RESOURCES_PHONE_COUNTRIES_FIELDS_H

#include "base/field.h"

struct phone_country {
	const char *code, *country_code;
	bool activated;
};
extern const struct field phone_country_fields[];
extern const struct shape phone_country_shape;

#endif
