/*
 * The countries of which phone numbers are accepted (accounts-api II.14 and R-PHONE-COUNTRY).
 *
 * A number belongs to its calling code, and so all countries of one are switched together.  Numbers of
 * codes that are no country's (satellites, free of charge) are accepted.  Asking is part of the
 * statements that look whether a number is taken.
 */
#ifndef DIALTONE_RESOURCES_PHONE_COUNTRIES_PHONE_COUNTRY_H
#define DIALTONE_RESOURCES_PHONE_COUNTRIES_PHONE_COUNTRY_H

#include "base/rows.h"
#include "base/subject.h"
#include "resources/phone_countries/fields.h"
#include "service/service.h"

extern const struct text text_phone_country;

extern const struct subject phone_country_subject; /* {code}: struct phone_country, of the server */

extern const struct subject phone_countries_all; /* struct phone_country, by code */

/* With all of the same calling code; *ret: how many were not so before. */
MUST_CHECK enum err phone_country_activate(
	struct service *s, const struct phone_country *country, bool activated, int64_t *ret);

#endif
