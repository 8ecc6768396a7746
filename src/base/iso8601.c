#include "base/iso8601.h"

#include "base/clock.h"

#define EPOCH_DAYS 719468 /* from 0000-03-01 to 1970-01-01 */
#define THURSDAY   3      /* of the epoch; Monday is 0 */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take(struct str *s, char c)
{
	if (!s->n || s->p[0] != c)
		return false;
	s->p++;
	s->n--;
	return true;
}

/* Exactly n digits. */
static bool number(struct str *s, size_t n, int *ret)
{
	int v = 0;

	if (s->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_digit(s->p[i]))
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	s->p += n;
	s->n -= n;
	*ret = v;
	return true;
}

static size_t digits_ahead(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_digit(s.p[n]))
		n++;
	return n;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days since the epoch. A year that begins in March has its leap day at the end. */
static int64_t day_number(int year, int month, int day)
{
	int64_t y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_DAYS;
}

/* 0 is Monday. */
static int weekday(int64_t day)
{
	return (int)(((day + THURSDAY) % 7 + 7) % 7);
}

/* Week 1 is the one with 4 January in it. */
static bool week_date(struct str *s, int year, bool extended, int64_t *ret_day)
{
	int week, day;

	if (!number(s, 2, &week) || (extended && !take(s, '-')) || !number(s, 1, &day))
		return false;
	if (week < 1 || day < 1 || day > 7)
		return false;
	int64_t fourth = day_number(year, 1, 4), monday = fourth - weekday(fourth) + (week - 1) * 7;

	*ret_day = monday + day - 1;
	/* The year a week belongs to has its Thursday. */
	return monday + THURSDAY <= day_number(year, 12, 31);
}

static bool day_of_year(struct str *s, int year, int64_t *ret_day)
{
	int day;

	if (!number(s, 3, &day) || day < 1 || day > 365 + is_leap(year))
		return false;
	*ret_day = day_number(year, 1, 1) + day - 1;
	return true;
}

static bool day_of_month(struct str *s, int year, bool extended, int64_t *ret_day)
{
	int month, day;

	if (!number(s, 2, &month) || (extended && !take(s, '-')) || !number(s, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
		return false;
	*ret_day = day_number(year, month, day);
	return true;
}

static bool date(struct str *s, int64_t *ret_day)
{
	int year;

	if (!number(s, 4, &year) || year < 1)
		return false;
	bool extended = take(s, '-');

	if (take(s, 'W'))
		return week_date(s, year, extended, ret_day);
	return digits_ahead(*s) == 3 ? day_of_year(s, year, ret_day)
				     : day_of_month(s, year, extended, ret_day);
}

/* ".123456" in microseconds; as many digits as there are. */
static bool fraction(struct str *s, int64_t *ret_us)
{
	int64_t unit = CLOCK_SECOND_US / 10;

	*ret_us = 0;
	if (!take(s, '.') && !take(s, ','))
		return true;
	size_t n = digits_ahead(*s);

	for (size_t i = 0; i < n; i++, unit /= 10)
		*ret_us += (s->p[i] - '0') * unit;
	s->p += n;
	s->n -= n;
	return n > 0;
}

/* "hh:mm" or "hhmm". *ret_extended: which. */
static bool hour_and_minute(struct str *s, int *ret_minutes, bool *ret_extended)
{
	int hour, minute;

	if (!number(s, 2, &hour))
		return false;
	*ret_extended = take(s, ':');
	if (!number(s, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*ret_minutes = hour * 60 + minute;
	return true;
}

static bool time_of_day(struct str *s, int64_t *ret_us)
{
	int64_t us = 0;
	int minutes, second = 0;
	bool extended;

	if (!hour_and_minute(s, &minutes, &extended))
		return false;
	if (extended ? take(s, ':') : digits_ahead(*s) > 0) {
		if (!number(s, 2, &second) || second > 59 || !fraction(s, &us))
			return false;
	}
	*ret_us = (minutes * 60 + second) * CLOCK_SECOND_US + us;
	return true;
}

/* Minutes east of Greenwich. */
static bool zone(struct str *s, int *ret_minutes)
{
	bool west = s->n && s->p[0] == '-', extended;
	int hour;

	*ret_minutes = 0;
	if (!s->n || take(s, 'Z'))
		return true;
	if (!take(s, '+') && !take(s, '-'))
		return false;
	if (s->n != 2) {
		if (!hour_and_minute(s, ret_minutes, &extended))
			return false;
	} else if (number(s, 2, &hour) && hour <= 23) {
		*ret_minutes = hour * 60;
	} else {
		return false;
	}
	if (west)
		*ret_minutes = -*ret_minutes;
	return true;
}

bool iso8601_parse(struct str s, int64_t *ret_us)
{
	const int64_t first = day_number(1, 1, 1) * CLOCK_DAY_US;
	const int64_t end = (day_number(9999, 12, 31) + 1) * CLOCK_DAY_US;
	int64_t day, us = 0;
	int east = 0;

	if (!date(&s, &day))
		return false;
	if (s.n) {
		if (!take(&s, 'T') && !take(&s, ' '))
			return false;
		if (!time_of_day(&s, &us) || !zone(&s, &east))
			return false;
	}
	us += day * CLOCK_DAY_US - east * CLOCK_MINUTE_US;
	if (s.n || us < first || us >= end)
		return false;
	*ret_us = us;
	return true;
}
