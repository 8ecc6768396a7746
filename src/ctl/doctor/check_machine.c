/* The machine: room on its disks, and its clock. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#include "base/clock.h"
#include "doctor_priv.h"

#define FULL_PERCENT   95
#define SCARCE_PERCENT 90
#define SKEW_WRONG_US  (10 * CLOCK_SECOND_US) /* a code of a second factor is good for 30 s */
#define SKEW_WARN_US   (2 * CLOCK_SECOND_US)

static int64_t percent(uint64_t used, uint64_t all)
{
	return all ? (int64_t)(100 * used / all) : 0;
}

/* As df reckons: of what is not kept for root. Of blocks or of inodes, whichever is scarcer. */
static bool use_of(const char *path, int64_t *ret_percent, int64_t *ret_free_mib)
{
	struct statvfs v;

	if (statvfs(path, &v))
		return false;
	uint64_t used = v.f_blocks - v.f_bfree, inodes = v.f_files - v.f_ffree;
	int64_t of_blocks = percent(used, used + v.f_bavail);
	int64_t of_inodes = percent(inodes, inodes + v.f_favail);

	*ret_percent = of_blocks > of_inodes ? of_blocks : of_inodes;
	*ret_free_mib = (int64_t)(v.f_bavail * (v.f_frsize / 1024) / 1024);
	return true;
}

/* Those of this installation, or those Debian has; what is not there is passed over. */
static size_t places_of(struct doctor *d, const char *ret[3])
{
	size_t n = 0;

	ret[n++] = d->instance ? arena_printf(d->arena, "%s/postgres", d->instance)
			       : "/var/lib/postgresql";
	ret[n++] = d->instance ? arena_printf(d->arena, "%s/log", d->instance) : "/var/log";
	ret[n++] = "/";
	return n;
}

static struct doctor_finding look_disk(struct doctor *d)
{
	const char *places[3], *worst = NULL;
	int64_t most = -1, free_mib = 0, used, left;
	size_t n = places_of(d, places);

	for (size_t i = 0; i < n; i++)
		if (use_of(places[i], &used, &left) && used > most) {
			most = used;
			free_mib = left;
			worst = places[i];
		}
	if (!worst)
		return not_looked_at(d, "no place can be looked at");
	const char *mend =
		arena_printf(d->arena, "du -xh --max-depth=3 %s | sort -h | tail -n 20", worst);

	if (most >= FULL_PERCENT)
		return found_wrong(d, mend,
			"the disk of %s is %lld %% full, %lld MiB are left: make room", worst,
			(long long)most, (long long)free_mib);
	if (most >= SCARCE_PERCENT)
		return found_doubtful(d, mend, "the disk of %s is %lld %% full, %lld MiB are left",
			worst, (long long)most, (long long)free_mib);
	return found_well(d, "%s is the fullest, %lld %%, %lld MiB are left", worst,
		(long long)most, (long long)free_mib);
}

/* Reading it needs no rights. */
static struct doctor_finding look_clock_sync(struct doctor *d)
{
	struct timex t = { 0 };
	int state = adjtimex(&t);

	if (state < 0)
		return not_looked_at(d, "the kernel does not tell the state of its clock");
	if (state == TIME_ERROR || t.status & STA_UNSYNC)
		return found_doubtful(d, "timedatectl set-ntp true",
			"no program keeps the clock of this machine in step");
	return found_well(d, "the clock of this machine is kept in step");
}

static int64_t magnitude(int64_t us)
{
	return us < 0 ? -us : us;
}

static bool redis_skew(struct doctor *d, int64_t *ret_us)
{
	struct redis_reply reply;
	int64_t begin = clock_wall_us(), seconds, micros;

	if (!d->redis_answers ||
		redis_call(d->redis, REDIS_COMMAND(STR("TIME")), d->arena, &reply) != ERR_OK ||
		reply.count != 2 || sscanf(reply.items[0].text.p, "%ld", &seconds) != 1 ||
		sscanf(reply.items[1].text.p, "%ld", &micros) != 1)
		return false;
	*ret_us = (begin + clock_wall_us()) / 2 - (seconds * CLOCK_SECOND_US + micros);
	return true;
}

static struct doctor_finding look_clock(struct doctor *d)
{
	int64_t of_redis = 0;
	bool has_redis = redis_skew(d, &of_redis);
	int64_t of_pg = d->pg ? d->facts.skew : 0;
	bool redis_is_worse = magnitude(of_redis) > magnitude(of_pg);
	int64_t skew = redis_is_worse ? of_redis : of_pg;
	const char *server = redis_is_worse ? "Redis" : "PostgreSQL";

	if (!d->pg && !has_redis)
		return not_looked_at(d, "neither PostgreSQL nor Redis tells the time");
	if (magnitude(skew) < SKEW_WARN_US)
		return found_well(d, "it is the same time here and at the servers");
	const char *seen = arena_printf(d->arena, "this machine is %lld s %s %s",
		(long long)(magnitude(skew) / CLOCK_SECOND_US), skew > 0 ? "ahead of" : "behind",
		server);

	if (magnitude(skew) < SKEW_WRONG_US)
		return found_doubtful(d, "timedatectl set-ntp true", "%s", seen);
	return found_wrong(d, "timedatectl set-ntp true",
		"%s: codes of second factors are refused, sessions end at the wrong time", seen);
}

const struct doctor_check machine_checks[] = {
	{ "disk", "room for PostgreSQL's data, the logs and /", look_disk, NULL },
	{ "clock", "the time here against that of PostgreSQL and Redis", look_clock, NULL },
	{ "clock_sync", "whether the clock is kept in step (NTP)", look_clock_sync, NULL },
	{ 0 },
};
