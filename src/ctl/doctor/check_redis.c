/* Redis: is it there, who may do what, and does it keep what it is told? */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "doctor_priv.h"
#include "regular_file.h"

#define INFO_MAX      ((size_t)1 << 20)
#define VERSION_LEAST 7
#define PASSWORD_MAX  65536
#define FULL_PERCENT  90

static enum err ask(
	struct redis *r, struct redis_command command, struct arena *arena, struct redis_reply *ret)
{
	const struct redis_bounds bounds = { clock_ms() + DOCTOR_WAIT_MS, INFO_MAX };
	enum err e;

	e = redis_call_within(r, command, &bounds, arena, ret);
	return e;
}

static void info_read(struct doctor *d)
{
	struct redis_reply reply;

	if (ask(d->redis, REDIS_COMMAND(STR("INFO")), d->arena, &reply) == ERR_OK &&
		reply.type == REDIS_TEXT)
		d->redis_info = reply.text.p;
}

/* The value of a line "name:value". NULL: there is none. */
static const char *info(struct doctor *d, const char *name)
{
	const char *line = d->redis_info;
	size_t n = strlen(name);

	for (; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (strncmp(line, name, n) == 0 && line[n] == ':')
			return arena_strndup(d->arena, line + n + 1, strcspn(line + n + 1, "\r\n"));
	return NULL;
}

static int64_t info_number(struct doctor *d, const char *name)
{
	const char *value = info(d, name);

	return value ? strtoll(value, NULL, 10) : 0;
}

/* A password file may be anything. NULL, or why it cannot be used. */
static const char *address_of(
	struct doctor *d, const struct redis_login *login, struct redis_address *ret)
{
	struct buf password;
	const char *why = NULL;

	if (*login->password_file) {
		buf_init(&password, PASSWORD_MAX);
		why = regular_file_read(login->password_file, &password);
		buf_wipe(&password);
		buf_finish(&password);
	}
	if (why)
		return arena_printf(d->arena, "%s: %s", login->password_file, why);
	return redis_address_as(d->setup->common->redis, login, d->arena, ret) == ERR_OK
		       ? NULL
		       : "its password cannot be read";
}

static const char *mend_refusal(struct doctor *d, const char *why)
{
	if (strstr(why, "Permission denied") && strstr(why, ".sock"))
		return arena_printf(d->arena, "usermod -aG redis %s && %s", d->service.name,
			mend_restart(d, "api"));
	if (strstr(why, "WRONGPASS") || strstr(why, "NOAUTH"))
		return "packaging/redis-users --passwords /etc/dialtone/redis "
		       ">/etc/redis/users.acl "
		       "&& systemctl restart redis-server";
	if (strstr(why, "Permission denied"))
		return arena_printf(
			d->arena, "chown %s: %.*s", d->service.name, (int)strcspn(why, ":"), why);
	return strstr(why, "no answer") ? mend_restart(d, "redis") : mend_start(d, "redis");
}

static struct doctor_finding look_redis(struct doctor *d)
{
	struct redis_address *address = arena_alloc(d->arena, sizeof(*address));
	struct redis_reply reply;
	const char *why, *version;

	person_become(&d->service);
	why = address_of(d, &d->setup->ctl->redis, address);
	if (!why) {
		d->redis = redis_new(address, DOCTOR_WAIT_MS / 3);
		if (ask(d->redis, REDIS_COMMAND(STR("PING")), d->arena, &reply) != ERR_OK)
			why = arena_strdup(d->arena, redis_where(d->redis));
	}
	person_return();
	if (why && is_stranger(d) && strstr(why, "ermission denied"))
		return not_looked_at(d, "%s", why);
	if (why)
		return found_wrong(d, mend_refusal(d, why), "%s", *why ? why : "it refuses us");
	d->redis_answers = true;
	info_read(d);
	version = info(d, "redis_version");
	if (version && atoi(version) < VERSION_LEAST)
		return found_wrong(d, "apt-get install redis-server",
			"version %s is too old, it has to be 7 or later", version);
	return found_well(d, "%s answers at %s", version ? version : "it", redis_where(d->redis));
}

/* ---- who it knows ---- */

struct login_row {
	const char *section;
	const struct redis_login *login;
};

static bool calls_are_told(struct doctor *d)
{
	return d->setup->api->rules.call_backend != 0 ||
	       process_find(&d->processes, "dialtone-pbx");
}

/* Ended by a row without a section. */
static const struct login_row *logins(struct doctor *d)
{
	struct login_row *rows = arena_alloc(d->arena, 6 * sizeof(*rows));
	size_t n = 0;

	rows[n++] = (struct login_row){ "api", &d->setup->api->redis };
	rows[n++] = (struct login_row){ "relay", &d->setup->relay->redis };
	rows[n++] = (struct login_row){ "jobs", &d->setup->jobs->redis };
	rows[n++] = (struct login_row){ "ctl", &d->setup->ctl->redis };
	if (calls_are_told(d))
		rows[n++] = (struct login_row){ "pbx", &d->setup->pbx->redis };
	return rows;
}

/* Where the files of packaging/redis-users are. */
static const char *passwords_folder(struct doctor *d)
{
	for (const struct login_row *l = logins(d); l->section; l++) {
		const char *file = l->login->password_file, *slash = strrchr(file, '/');

		if (slash)
			return arena_strndup(d->arena, file, (size_t)(slash - file));
	}
	return d->instance ? arena_printf(d->arena, "%s/redis/passwords", d->instance)
			   : "/etc/dialtone/redis";
}

static struct doctor_finding is_default(struct doctor *d, const struct login_row *l)
{
	const char *folder = passwords_folder(d);

	return found_wrong(d,
		mend_setting(d, l->section, "redis_password_file",
			arena_printf(d->arena, "%s/dialtone-%s", folder, l->section)),
		"[%s] names no password: the program is Redis's user default, who may do "
		"everything "
		"(packaging/redis-users gives each program a user of its own)",
		l->section);
}

static const char *try_login(struct doctor *d, struct redis_address *address)
{
	struct redis_reply reply;
	struct redis *r = redis_new(address, DOCTOR_WAIT_MS / 3);
	const char *why = NULL;

	if (ask(r, REDIS_COMMAND(STR("PING")), d->arena, &reply) != ERR_OK)
		why = arena_strdup(d->arena, redis_where(r));
	redis_free(&r);
	return why;
}

static struct doctor_finding look_users(struct doctor *d)
{
	for (const struct login_row *l = logins(d); l->section; l++) {
		struct redis_address address;
		const char *why;

		person_become(&d->service);
		why = address_of(d, l->login, &address);
		if (!why && address.password)
			why = try_login(d, &address);
		person_return();
		if (why)
			return found_wrong(d, mend_refusal(d, why), "[%s]: %s", l->section, why);
		if (!address.password)
			return is_default(d, l);
	}
	return found_well(d, "each program logs in as a user of its own");
}

/* Whether a shell takes it as it is: Redis names the file, and root is told the command. */
static bool is_plain_path(const char *file)
{
	return *file == '/' && !file[strspn(file, "abcdefghijklmnopqrstuvwxyz"
						  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")];
}

/* A setting of Redis: in its file where it has one, as what is said to it is forgotten with it. */
static const char *mend_config(struct doctor *d, const char *name, const char *value)
{
	const char *file = info(d, "config_file");
	const char *line = arena_printf(d->arena, "%s %s", name, value);

	if (file && is_plain_path(file))
		return arena_printf(
			d->arena, "echo '%s' >>%s && %s", line, file, mend_restart(d, "redis"));
	return arena_printf(d->arena, "redis-cli -s %s config set %s", redis_where(d->redis), line);
}

static struct doctor_finding look_default_user(struct doctor *d)
{
	struct redis_address address = { .place = {
						 "127.0.0.1", (int)info_number(d, "tcp_port") } };
	struct redis_address own;
	bool over_tcp;

	if (!d->redis_info)
		return not_looked_at(d, "the user of dialtonectl may not say INFO "
					"(packaging/redis-users gives it)");
	if (!address.place.port)
		return found_well(d, "it does not listen on TCP");
	if (try_login(d, &address))
		return found_well(d, "over TCP it wants a password");
	over_tcp =
		redis_address_parse(d->setup->common->redis, d->arena, &own) == ERR_OK && !own.path;
	return found_wrong(d,
		over_tcp ? "packaging/redis-users --passwords /etc/dialtone/redis "
			   ">/etc/redis/users.acl && echo 'aclfile /etc/redis/users.acl' "
			   ">>/etc/redis/redis.conf && systemctl restart redis-server"
			 : mend_config(d, "port", "0"),
		"on port %d every caller is the user default, without a password",
		address.place.port);
}

/* ---- what it keeps ---- */

static struct doctor_finding look_memory(struct doctor *d)
{
	const char *policy = info(d, "maxmemory_policy");
	int64_t most = info_number(d, "maxmemory"), used = info_number(d, "used_memory");

	if (!d->redis_info)
		return not_looked_at(d, "the user of dialtonectl may not say INFO "
					"(packaging/redis-users gives it)");
	if (most == 0)
		return found_well(d, "%lld MiB in use, without a limit", (long long)used >> 20);
	if (policy && strcmp(policy, "noeviction") != 0)
		return found_wrong(d, mend_config(d, "maxmemory-policy", "noeviction"),
			"it forgets what it was told when it is full (maxmemory-policy %s): owners "
			"of sockets, states of phones",
			policy);
	if (100 * used > FULL_PERCENT * most)
		return found_wrong(d,
			mend_config(d, "maxmemory",
				arena_printf(d->arena, "%lldmb", 2 * (long long)(most >> 20) + 64)),
			"%lld of %lld MiB are in use: writes are refused", (long long)used >> 20,
			(long long)most >> 20);
	return found_well(
		d, "%lld of %lld MiB are in use", (long long)used >> 20, (long long)most >> 20);
}

/* Nothing in Redis has to outlive it. */
static struct doctor_finding look_persistence(struct doctor *d)
{
	const char *saved = info(d, "rdb_last_bgsave_status");

	if (!d->redis_info)
		return not_looked_at(d, "the user of dialtonectl may not say INFO "
					"(packaging/redis-users gives it)");
	if (saved && strcmp(saved, "ok") != 0)
		return found_wrong(d, mend_config(d, "save", "\"\""),
			"it could not save itself, and may refuse writes for that: nothing in it "
			"has to be saved");
	return found_well(d, "nothing in it has to be saved%s",
		info_number(d, "aof_enabled") ? ", though it is (appendonly no)" : "");
}

const struct doctor_check redis_checks[] = {
	{ "redis", "Redis answers and takes our user", look_redis, NULL },
	{ "redis_users", "that each program has a user of its own (ACL)", look_users, "redis" },
	{ "redis_default_user", "that no stranger gets in over TCP", look_default_user, "redis" },
	{ "redis_memory", "room in it, and that it forgets nothing", look_memory, "redis" },
	{ "redis_persistence", "that saving itself is not in its way", look_persistence, "redis" },
	{ 0 },
};
