#include "phone/phone.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/syntax.h"
#include "library.h"

#define FORMS_MAX 3

void phone_start(void)
{
	library_start();
}

/* The form of a form may be another one, where a plan takes off more digits each time: what does not come
 * to rest is no number. */
static bool settle(struct str s, bool judge, struct library_number *ret)
{
	struct library_number before;

	if (!phone_is_valid(s) || !library_parse(s.p, s.n, judge, ret))
		return false;
	for (int i = 0; i < FORMS_MAX; i++) {
		before = *ret;
		if (!phone_is_valid(str_from(before.e164)) ||
			!library_parse(before.e164, strlen(before.e164), judge, ret))
			return false;
		if (strcmp(before.e164, ret->e164) == 0)
			return true;
	}
	return false;
}

bool phone_number_parse(struct str s, struct phone_number *ret)
{
	bool judge = log_shows(LOG_LEVEL_DEBUG);
	struct library_number found;

	if (!settle(s, judge, &found))
		return false;
	if (judge && !found.valid)
		log_debug("a number of calling code %d is taken that the plan does not call valid",
			found.calling_code);
	memcpy(ret->e164, found.e164, sizeof(ret->e164));
	memcpy(ret->region, found.region, sizeof(ret->region));
	snprintf(ret->calling_code, sizeof(ret->calling_code), "%u",
		(unsigned)found.calling_code % 1000);
	return true;
}

const struct text *phone_number_check(struct str s)
{
	struct phone_number number;

	return phone_number_parse(s, &number) ? NULL : &text_phone;
}
