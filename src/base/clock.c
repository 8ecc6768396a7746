#define _GNU_SOURCE
#include "base/clock.h"

#include <time.h>

#define DAY_S (CLOCK_DAY_US / CLOCK_SECOND_US)

int64_t clock_wall_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * CLOCK_SECOND_US + ts.tv_nsec / 1000;
}

int64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* The last `width` digits of v, and the character behind them. */
static char *put(char *p, int64_t v, int width, char behind)
{
	for (int i = width; i-- > 0; v /= 10)
		p[i] = (char)('0' + v % 10);
	p[width] = behind;
	return p + width + 1;
}

struct date {
	int64_t year;
	int month, day;
};

/* The date so many days after 1970-01-01, of the Gregorian calendar.  Years are counted from March here, so that the
 * leap day ends one; 400 of them have 146,097 days, and from March the months have 153 days in each five. */
static struct date date_of(int64_t days)
{
	const int64_t from_march_0000 = days + 719468;
	const int64_t era = (from_march_0000 - (from_march_0000 < 0 ? 146096 : 0)) / 146097;
	const int64_t day_of_era = from_march_0000 - era * 146097;
	const int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	const int day_of_year =
		(int)(day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100));
	const int month = (5 * day_of_year + 2) / 153; /* 0: March */

	return (struct date){ .year = era * 400 + year_of_era + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = day_of_year - (153 * month + 2) / 5 + 1 };
}

/* Days and seconds; returns where the character `end` stands behind them.  strftime() would look its words up in a
 * locale first, and gmtime() the time zone; an answer has half a dozen times. */
static char *stamp(char *p, int64_t us, char between, char end)
{
	int64_t seconds = us / CLOCK_SECOND_US - (us % CLOCK_SECOND_US < 0);
	int64_t days = seconds / DAY_S - (seconds % DAY_S < 0);
	const struct date date = date_of(days);

	seconds -= days * DAY_S;
	p = put(p, date.year, 4, '-');
	p = put(p, date.month, 2, '-');
	p = put(p, date.day, 2, between);
	p = put(p, seconds / 3600, 2, ':');
	p = put(p, seconds / 60 % 60, 2, ':');
	p = put(p, seconds % 60, 2, end);
	return p - 1;
}

const char *clock_iso(char out[CLOCK_ISO_SIZE], int64_t us)
{
	int64_t fraction = us % CLOCK_SECOND_US;
	char *p = stamp(out, us, 'T', '.') + 1;

	*put(p, fraction < 0 ? fraction + CLOCK_SECOND_US : fraction, 6, 'Z') = '\0';
	return out;
}

const char *clock_rfc3339(char out[CLOCK_ISO_SIZE], int64_t us)
{
	stamp(out, us, 'T', 'Z')[1] = '\0';
	return out;
}

const char *clock_sql(char out[CLOCK_SQL_SIZE], int64_t us)
{
	stamp(out, us, ' ', '\0');
	return out;
}

static bool digits(const char *s, size_t n, int *ret)
{
	uint64_t v;

	if (!str_to_uint((struct str){ s, n }, 9999, &v))
		return false;
	*ret = (int)v;
	return true;
}

/* ".123456" in microseconds; *s moves behind it. */
static int64_t fraction_parse(struct str *s)
{
	int64_t us = 0, unit = CLOCK_SECOND_US / 10;

	if (!s->n || s->p[0] != '.')
		return 0;
	for (s->p++, s->n--; s->n && s->p[0] >= '0' && s->p[0] <= '9'; s->p++, s->n--, unit /= 10)
		us += (s->p[0] - '0') * unit;
	return us;
}

static bool same_time(const struct tm *a, const struct tm *b)
{
	return a->tm_mday == b->tm_mday && a->tm_mon == b->tm_mon && a->tm_hour == b->tm_hour &&
	       a->tm_min == b->tm_min && a->tm_sec == b->tm_sec;
}

bool clock_sql_parse(struct str s, int64_t *ret_us)
{
	const size_t whole = CLOCK_SQL_SIZE - 1;
	struct tm tm = { 0 }, real;
	int year, month;

	if (s.n < whole || s.p[4] != '-' || s.p[7] != '-' || s.p[10] != ' ' || s.p[13] != ':' ||
		s.p[16] != ':')
		return false;
	if (!digits(s.p, 4, &year) || !digits(s.p + 5, 2, &month) ||
		!digits(s.p + 8, 2, &tm.tm_mday) || !digits(s.p + 11, 2, &tm.tm_hour) ||
		!digits(s.p + 14, 2, &tm.tm_min) || !digits(s.p + 17, 2, &tm.tm_sec))
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	real = tm;
	int64_t us = (int64_t)timegm(&real) * CLOCK_SECOND_US;

	s.p += whole;
	s.n -= whole;
	us += fraction_parse(&s);
	if (!same_time(&tm, &real) || (s.n && !str_is(s, "+00")))
		return false;
	*ret_us = us;
	return true;
}
