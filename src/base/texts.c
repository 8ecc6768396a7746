#include "base/text.h"

const struct text text_required = { "required", "The {f} field is required." };
const struct text text_taken = { "taken", "This {f} is already in use." };
const struct text text_format = { "format", "The {f} value is not well formed." };
const struct text text_type = { "type", "The {f} value is of the wrong type." };
const struct text text_one_of = { "one_of", "The {f} value must be one of: {values}." };
const struct text text_min_len = { "min_len", "The {f} value needs at least {n} characters." };
const struct text text_max_len = { "max_len", "The {f} value may hold at most {n} characters." };
const struct text text_min = { "min", "The {f} value must be at least {n}." };
const struct text text_max = { "max", "The {f} value may be at most {n}." };
const struct text text_bool = { "bool", "The {f} value must be true or false." };
const struct text text_int = { "int", "The {f} value must be a whole number." };
const struct text text_date = { "date",
	"The {f} value must be a date and time like 2026-01-31 23:59:59." };
const struct text text_iso_date = { "iso_date",
	"The {f} value must be an ISO 8601 date like 2026-01-31T23:59:59Z." };
const struct text text_email = { "email", "The {f} value is not an e-mail address." };
const struct text text_phone = { "phone", "The {f} value is not an international phone number." };
const struct text text_not_phone = { "not_phone", "A phone number cannot be used as {f}." };
const struct text text_lowercase = { "lowercase", "Upper-case letters are not accepted in {f}." };
const struct text text_forbidden_field = { "forbidden_field", "The {f} field cannot be set here." };
const struct text text_dictionary = { "dictionary",
	"The {f} value must be an object of short texts." };
const struct text text_unknown = { "unknown", "This {f} does not exist." };
