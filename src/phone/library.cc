#include "library.h"

#include <cstring>
#include <phonenumbers/phonenumberutil.h>
#include <set>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

static PhoneNumberUtil *plans()
{
	return PhoneNumberUtil::GetInstance();
}

/* False: it does not fit. */
static bool copy(char *to, size_t size, const std::string &text)
{
	if (text.size() >= size)
		return false;
	std::memcpy(to, text.c_str(), text.size() + 1);
	return true;
}

extern "C" void library_start(void)
{
	std::set<std::string> regions;
	std::string text;
	PhoneNumber number;

	plans()->GetSupportedRegions(&regions);
	for (const std::string &region : regions) {
		plans()->GetExampleNumber(region, &number);
		plans()->Format(number, PhoneNumberUtil::E164, &text);
		plans()->Parse(text, "ZZ", &number);
	}
}

extern "C" bool library_parse(const char *text, size_t n, bool judge, struct library_number *ret)
{
	std::string e164, region;
	PhoneNumber number;

	if (plans()->Parse(std::string(text, n), "ZZ", &number) !=
			PhoneNumberUtil::NO_PARSING_ERROR ||
		!plans()->IsPossibleNumber(number))
		return false;
	plans()->Format(number, PhoneNumberUtil::E164, &e164);
	plans()->GetRegionCodeForCountryCode(number.country_code(), &region);
	ret->calling_code = number.country_code();
	ret->valid = judge && plans()->IsValidNumber(number);
	return copy(ret->e164, sizeof(ret->e164), e164) &&
	       copy(ret->region, sizeof(ret->region), region);
}
