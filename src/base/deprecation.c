#include "base/deprecation.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"

/* RFC 9110, 5.6.7; names of days and months whatever the locale is. */
static void http_date(char *out, size_t size, time_t seconds)
{
	static const char days[] = "SunMonTueWedThuFriSat",
			  months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm t;

	gmtime_r(&seconds, &t);
	snprintf(out, size, "%.3s, %02d %.3s %d %02d:%02d:%02d GMT", &days[3 * t.tm_wday],
		t.tm_mday, &months[3 * t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

void deprecation_init(struct deprecation *d, int64_t sunset_us)
{
	const long long seconds = sunset_us / CLOCK_SECOND_US;

	snprintf(d->deprecation, sizeof(d->deprecation), "@%lld", seconds);
	http_date(d->sunset, sizeof(d->sunset), (time_t)seconds);
}
