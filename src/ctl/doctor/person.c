#define _GNU_SOURCE
#include "person.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

static struct {
	gid_t groups[PERSON_GROUPS_MAX];
	int count;
	bool away;
} self;

static bool from_entry(const struct passwd *entry, struct arena *arena, struct person *ret)
{
	int n = PERSON_GROUPS_MAX;

	if (!entry)
		return false;
	ret->name = arena_strdup(arena, entry->pw_name);
	ret->uid = entry->pw_uid;
	if (getgrouplist(entry->pw_name, entry->pw_gid, ret->groups, &n) < 0)
		n = PERSON_GROUPS_MAX;
	ret->group_count = (size_t)n;
	return true;
}

bool person_named(const char *name, struct arena *arena, struct person *ret)
{
	return from_entry(getpwnam(name), arena, ret);
}

bool person_with(uid_t uid, struct arena *arena, struct person *ret)
{
	if (from_entry(getpwuid(uid), arena, ret))
		return true;
	*ret = (struct person){ .name = arena_printf(arena, "%u", uid), .uid = uid };
	return false;
}

const char *group_name(gid_t gid, struct arena *arena)
{
	const struct group *g = getgrgid(gid);

	return g ? arena_strdup(arena, g->gr_name) : arena_printf(arena, "%u", gid);
}

uid_t person_owner(const char *path, uid_t otherwise)
{
	struct stat st;

	return stat(path, &st) ? otherwise : st.st_uid;
}

static bool is_member(const struct person *p, gid_t gid)
{
	for (size_t i = 0; i < p->group_count; i++)
		if (p->groups[i] == gid)
			return true;
	return false;
}

/* want: rwx bits as those of others. */
static bool is_open_to(const struct person *p, const struct stat *st, mode_t want)
{
	mode_t mode = st->st_mode;

	if (p->uid == 0)
		return true;
	if (st->st_uid == p->uid)
		mode >>= 6;
	else if (is_member(p, st->st_gid))
		mode >>= 3;
	return (mode & want) == want;
}

static enum person_reach step(const struct person *p, const char *part, mode_t want)
{
	struct stat st;

	if (stat(part, &st))
		return errno == ENOENT || errno == ENOTDIR ? REACH_MISSING : REACH_UNKNOWN;
	return is_open_to(p, &st, want) ? REACH_YES : REACH_NO;
}

enum person_reach person_reaches(
	const struct person *p, const char *path, struct arena *arena, const char **ret_where)
{
	enum person_reach r = REACH_YES;

	for (size_t i = 1; r == REACH_YES && path[i]; i++)
		if (path[i] == '/') {
			*ret_where = arena_strndup(arena, path, i);
			r = step(p, *ret_where, S_IXOTH);
		}
	if (r != REACH_YES)
		return r;
	*ret_where = path;
	return step(p, path, S_IROTH | S_IWOTH);
}

void person_become(const struct person *p)
{
	if (geteuid() != 0 || p->uid == 0 || p->group_count == 0)
		return;
	self.count = getgroups(PERSON_GROUPS_MAX, self.groups);
	if (self.count < 0 || setgroups(p->group_count, p->groups) || setegid(p->groups[0]) ||
		seteuid(p->uid))
		log_fatal("no other user can be taken the place of: %s", strerror(errno));
	self.away = true;
}

void person_return(void)
{
	if (!self.away)
		return;
	self.away = false;
	if (seteuid(0) || setegid(getgid()) || setgroups((size_t)self.count, self.groups))
		log_fatal("our own user cannot be had back: %s", strerror(errno));
}
