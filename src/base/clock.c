#define _GNU_SOURCE
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

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

/* strftime's pattern, then the microseconds when they are wanted. */
static int64_t broken_down(int64_t us, struct tm *ret)
{
	int64_t fraction = us % CLOCK_SECOND_US;
	time_t seconds = (time_t)(us / CLOCK_SECOND_US);

	if (fraction < 0) {
		fraction += CLOCK_SECOND_US;
		seconds--;
	}
	gmtime_r(&seconds, ret);
	return fraction;
}

const char *clock_iso(char out[CLOCK_ISO_SIZE], int64_t us)
{
	struct tm tm;
	int64_t fraction = broken_down(us, &tm);
	size_t n = strftime(out, CLOCK_ISO_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);

	snprintf(out + n, CLOCK_ISO_SIZE - n, ".%06dZ", (int)fraction);
	return out;
}

const char *clock_rfc3339(char out[CLOCK_ISO_SIZE], int64_t us)
{
	struct tm tm;

	broken_down(us, &tm);
	strftime(out, CLOCK_ISO_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

const char *clock_sql(char out[CLOCK_SQL_SIZE], int64_t us)
{
	struct tm tm;

	broken_down(us, &tm);
	strftime(out, CLOCK_SQL_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
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

bool clock_sql_parse(struct str s, int64_t *ret_us)
{
	const size_t whole = CLOCK_SQL_SIZE - 1;
	struct tm tm = { 0 }, back;
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
	back = tm;
	int64_t us = (int64_t)timegm(&back) * CLOCK_SECOND_US;

	if (back.tm_mday != tm.tm_mday || back.tm_mon != tm.tm_mon || back.tm_hour != tm.tm_hour ||
		back.tm_min != tm.tm_min || back.tm_sec != tm.tm_sec)
		return false;
	s.p += whole;
	s.n -= whole;
	us += fraction_parse(&s);
	if (s.n && !str_is(s, "+00"))
		return false;
	*ret_us = us;
	return true;
}
