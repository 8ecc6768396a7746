#define _GNU_SOURCE
#include "process.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "conf/conf.h"

#define PROCESSES_MAX  1024
#define ARGUMENTS_MAX  64
#define TEXT_MAX       65536
#define LINE_MAX_BYTES 1024
#define MAPS_MAX       ((size_t)8 << 20)

static const char *const programs[] = { "dialtone-api", "dialtone-relay", "dialtone-jobs",
	"dialtone-pbx", "nginx", NULL };

/* At most max bytes of /proc/PID/NAME, followed by a NUL. *ret_n: how many. NULL: it cannot be read. */
static char *text_of(pid_t pid, const char *name, size_t max, struct arena *arena, size_t *ret_n)
{
	char path[64], *text;
	ssize_t got = 1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	text = arena_alloc(arena, max + 1);
	for (*ret_n = 0; *ret_n < max && got > 0; *ret_n += got > 0 ? (size_t)got : 0)
		got = read(fd, text + *ret_n, max - *ret_n);
	close(fd);
	return got < 0 ? NULL : text;
}

static void arguments_read(struct process *p, struct arena *arena)
{
	const char **argv = arena_alloc(arena, (ARGUMENTS_MAX + 1) * sizeof(*argv));
	size_t n = 0;
	char *text = text_of(p->pid, "cmdline", TEXT_MAX, arena, &n);

	for (size_t at = 0; text && at < n && p->argc < ARGUMENTS_MAX; at += strlen(text + at) + 1)
		argv[p->argc++] = text + at;
	p->argv = argv;
}

const char *process_option(const struct process *p, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 1; i < p->argc; i++) {
		const char *a = p->argv[i];

		if (strncmp(a, "--", 2) != 0 || strncmp(a + 2, name, length) != 0)
			continue;
		if (a[2 + length] == '=')
			return a + 3 + length;
		if (!a[2 + length] && i + 1 < p->argc)
			return p->argv[i + 1];
	}
	return NULL;
}

/* Behind its name, which may hold anything. False: it is gone. */
static bool stat_read(pid_t pid, struct arena *arena, char *ret_state, int *ret_parent)
{
	size_t n;
	char *text = text_of(pid, "stat", LINE_MAX_BYTES, arena, &n);
	char *behind = text ? strrchr(text, ')') : NULL;

	return behind && sscanf(behind, ") %c %d", ret_state, ret_parent) == 2;
}

static pid_t parent_of(pid_t pid, struct arena *arena)
{
	char state;
	int parent;

	return stat_read(pid, arena, &state, &parent) ? parent : 0;
}

bool process_is_stopped(pid_t pid)
{
	struct arena *own = arena_new(TEXT_MAX);
	char state;
	int parent;
	bool is = stat_read(pid, own, &state, &parent) && (state == 'T' || state == 't');

	arena_free(&own);
	return is;
}

/* As proc(5) has it of the process itself; the owner of the folder may be root for others, too. */
static bool uid_read(pid_t pid, struct arena *arena, uid_t *ret)
{
	size_t n;
	char *text = text_of(pid, "status", TEXT_MAX, arena, &n);
	char *line = text ? strstr(text, "\nUid:") : NULL;

	return line && sscanf(line, "\nUid: %u", ret) == 1;
}

static bool is_trusted(const struct process *p, uid_t service)
{
	return p->uid == 0 || p->uid == service || p->uid == geteuid();
}

static const char *program_of(pid_t pid, struct arena *arena)
{
	size_t n;
	char *text = text_of(pid, "comm", LINE_MAX_BYTES, arena, &n);

	for (const char *const *p = programs; text && *p; p++)
		if (str_is(str_trim(str_from(text)), *p))
			return *p;
	return NULL;
}

static bool is_of_this_place(const struct process *p, const char *config_file, uid_t service)
{
	const char *file = process_option(p, "config");

	return strcmp(p->program, "nginx") == 0 ||
	       (is_trusted(p, service) &&
		       strcmp(file ? file : CONF_DEFAULT_FILE, config_file) == 0);
}

struct process_list processes_read(const char *config_file, uid_t service, struct arena *arena)
{
	struct process_list list = { arena_alloc(arena, PROCESSES_MAX * sizeof(*list.items)), 0 };
	struct arena *own = arena_new(TEXT_MAX);
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && list.n < PROCESSES_MAX && (entry = readdir(proc))) {
		struct process *p = &list.items[list.n];

		arena_reset(own);
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		*p = (struct process){ .pid = atoi(entry->d_name) };
		p->program = program_of(p->pid, own);
		if (!p->program || !uid_read(p->pid, own, &p->uid))
			continue;
		arguments_read(p, arena);
		p->parent = parent_of(p->pid, own);
		if (is_of_this_place(p, config_file, service))
			list.n++;
	}
	if (proc)
		closedir(proc);
	arena_free(&own);
	return list;
}

const struct process *process_find(const struct process_list *list, const char *program)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i].program, program) == 0)
			return &list->items[i];
	return NULL;
}

bool process_file_limit(pid_t pid, int64_t *ret)
{
	struct arena *own = arena_new(TEXT_MAX);
	size_t n;
	char *text = text_of(pid, "limits", TEXT_MAX, own, &n);
	char *line = text ? strstr(text, "Max open files") : NULL;
	long long limit;
	bool ok = line && sscanf(line, "Max open files %lld", &limit) == 1;

	if (ok)
		*ret = limit;
	arena_free(&own);
	return ok;
}

/* "7f...-7f... r-xp 00000000 08:01 1234   /usr/lib/libpq.so.5 (deleted)": the path; NULL: it is still there, or
 * never was a file of code. */
static char *stale_path(char *line)
{
	char *path = strchr(line, '/'), *end = path ? strstr(path, " (deleted)") : NULL;

	if (!end || end[strlen(" (deleted)")])
		return NULL;
	*end = '\0';
	return strstr(path, ".so") || strstr(path, "/dialtone-") ? path : NULL;
}

bool process_stale_files(pid_t pid, struct arena *arena, const char **ret_first, size_t *ret_count)
{
	struct arena *own = arena_new(TEXT_MAX);
	size_t n;
	char *rest = text_of(pid, "maps", MAPS_MAX, own, &n), *line;
	const char *last = "";
	bool seen = rest && n;

	*ret_count = 0;
	while (seen && (line = strsep(&rest, "\n"))) {
		const char *path = stale_path(line);

		if (!path || strcmp(path, last) == 0)
			continue;
		last = path;
		if ((*ret_count)++ == 0)
			*ret_first = arena_strdup(arena, path);
	}
	arena_free(&own);
	return seen;
}

bool process_is_in_group(pid_t pid, gid_t gid, bool *ret_seen)
{
	struct arena *own = arena_new(TEXT_MAX);
	size_t n;
	char *text = text_of(pid, "status", TEXT_MAX, own, &n);
	struct str groups = str_from(text ? strstr(text, "\nGroups:") : NULL), line, word;
	uint64_t number;
	bool in = false;

	*ret_seen = groups.n > 0;
	str_cut_prefix(&groups, "\nGroups:");
	line = str_trim(str_split(&groups, '\n'));
	while (line.n) {
		word = str_split(&line, ' ');
		in = in || (str_to_uint(word, UINT32_MAX, &number) && number == gid);
	}
	arena_free(&own);
	return in;
}
