#define _GNU_SOURCE
#include "base/process_figures.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define LABELS_MAX 256
#define STAT_MAX   1024

const struct metric build_metrics[] = {
	{ "build", NULL, METRIC_INFO, "Version of the program", METRIC_NOWHERE,
		.by = "program, version" },
	METRICS_END,
};

#define ROW(name, type, member, unit, help)                                                  \
	{                                                                                    \
		name, NULL, type, help, offsetof(struct process_figures, member), NULL, unit \
	}

const struct metric process_metrics[] = {
	ROW("cpu_seconds", METRIC_COUNTER, cpu_us, METRIC_MICROSECONDS,
		"Processor time used, in user and system mode"),
	ROW("resident_memory_bytes", METRIC_GAUGE, resident_bytes, METRIC_NUMBER, "Memory in use"),
	ROW("virtual_memory_bytes", METRIC_GAUGE, virtual_bytes, METRIC_NUMBER, "Memory mapped"),
	ROW("open_fds", METRIC_GAUGE, open_fds, METRIC_NUMBER,
		"Open descriptors, of the process that is nearest to its limit"),
	ROW("max_fds", METRIC_GAUGE, max_fds, METRIC_NUMBER, "The limit of it"),
	ROW("start_time_seconds", METRIC_GAUGE, started_us, METRIC_MICROSECONDS,
		"When the program started, since 1970"),
	METRICS_END,
};

/* What proc(5) has of it, up to max bytes; "" when it is gone. */
static void read_proc(pid_t pid, const char *name, char *ret, size_t max)
{
	char path[64];
	FILE *in;
	size_t n = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	in = fopen(path, "re");
	if (in) {
		n = fread(ret, 1, max - 1, in);
		fclose(in);
	}
	ret[n] = '\0';
}

/* When the machine started; /proc/stat is not there for units with ProcSubset=pid. */
static uint64_t boot_us(void)
{
	struct timespec up;

	clock_gettime(CLOCK_BOOTTIME, &up);
	return (uint64_t)clock_wall_us() - (uint64_t)up.tv_sec * 1000000 -
	       (uint64_t)up.tv_nsec / 1000;
}

static uint64_t ticks_us(uint64_t ticks)
{
	return ticks * (1000000 / (uint64_t)sysconf(_SC_CLK_TCK));
}

/* The two clocks are not read at once, and one is set now and then. */
static uint64_t whole_seconds(uint64_t us)
{
	return (us + 500000) / 1000000 * 1000000;
}

struct stat_line {
	uint64_t user, system, children_user, children_system, started, virtual, resident;
};

/* The name in it may have spaces and parentheses. */
static bool read_stat(pid_t pid, struct stat_line *ret)
{
	char text[STAT_MAX];
	const char *behind;

	read_proc(pid, "stat", text, sizeof(text));
	behind = strrchr(text, ')');
	return behind &&
	       sscanf(behind + 1,
		       " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
		       " %" SCNu64 " %" SCNu64 " %*d %*d %*d %*d %" SCNu64 " %" SCNu64 " %" SCNu64,
		       &ret->user, &ret->system, &ret->children_user, &ret->children_system,
		       &ret->started, &ret->virtual, &ret->resident) == 7;
}

static uint64_t count_fds(pid_t pid)
{
	char path[64];
	uint64_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n > 2 ? n - 2 : 0; /* "." and ".." */
}

/* The limit of descriptors is usually one for all, so the fullest is the one with the most. */
static void add_fds(struct process_figures *f, pid_t pid)
{
	struct rlimit limit;
	uint64_t n = count_fds(pid);

	if (n < f->open_fds || prlimit(pid, RLIMIT_NOFILE, NULL, &limit))
		return;
	f->open_fds = n;
	f->max_fds = limit.rlim_cur;
}

struct process_figures process_figures_of(const pid_t *pids, size_t n)
{
	struct process_figures f = { 0 };
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct stat_line s;

	for (size_t i = 0; i < n; i++) {
		if (!read_stat(pids[i], &s))
			continue;
		f.cpu_us += ticks_us(s.user + s.system + s.children_user + s.children_system);
		f.resident_bytes += s.resident * page;
		f.virtual_bytes += s.virtual;
		if (i == 0)
			f.started_us = whole_seconds(boot_us() + ticks_us(s.started));
		add_fds(&f, pids[i]);
	}
	return f;
}

static void put_build(struct metric_text *t, const char *program, const char *version)
{
	struct buf labels;

	buf_init(&labels, LABELS_MAX);
	metric_label(&labels, "program", str_from(program));
	metric_label(&labels, "version", str_from(version));
	metric_put(t, build_metrics, labels.p, 1);
	buf_finish(&labels);
}

void process_figures_put(struct metric_text *t, const char *program, const char *version,
	const struct process_figures *f)
{
	const char *prefix = t->prefix;

	if (!t->open_metrics)
		return;
	t->prefix = "dialtone_";
	put_build(t, program, version);
	t->prefix = "process_";
	metric_put_rows(t, process_metrics, f);
	t->prefix = prefix;
	t->family = NULL;
}
