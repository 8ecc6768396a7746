#include "resources/phone_countries/fields.h"

const struct field phone_country_fields[] = {
	FIELD_TEXT(phone_country, code, .doc = "Country, ISO 3166-1", .example = "FR"),
	FIELD_TEXT(phone_country, country_code,
		.doc = "Calling code; several countries may share one", .example = "33"),
	FIELD_BOOL(phone_country, activated, .doc = "Its numbers are accepted"),
	FIELDS_END,
};
const struct shape phone_country_shape = { "PhoneCountry", phone_country_fields,
	sizeof(struct phone_country) };
