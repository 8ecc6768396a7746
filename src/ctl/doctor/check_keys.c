/* The keys file: is it there, whose is it, how old is it, and is it that of this database? */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "crypto/keyring.h"
#include "doctor_priv.h"

#define OLD_DAYS    730
#define DAY_SECONDS 86400
#define OTHERS      0007

static struct doctor_finding refused(struct doctor *d, enum err e, const struct stat *st)
{
	const char *file = d->setup->common->keys_file;

	if (e == ERR_UNAVAILABLE && is_stranger(d))
		return not_looked_at(d, "%s is not for us to read", file);
	if (e == ERR_UNAVAILABLE && st->st_uid != d->service.uid)
		return found_wrong(d, arena_printf(d->arena, "chown %s: %s", d->service.name, file),
			"%s is not %s's, who has to read it", file, d->service.name);
	return found_wrong(d, mend_ctl(d, "config check"), "%s cannot be used", file);
}

static enum err load(struct doctor *d, struct keyring **ret)
{
	enum err e;

	person_become(&d->service);
	e = keyring_load(d->setup->common->keys_file, ret);
	person_return();
	return e;
}

static struct doctor_finding look_keys_file(struct doctor *d)
{
	const char *file = d->setup->common->keys_file;
	struct keyring *keys = NULL;
	struct stat st;
	enum err e;

	if (stat(file, &st))
		return errno == ENOENT
			       ? found_wrong(d, mend_ctl(d, "keys create"),
					 "%s is missing: put its copy back, or else make a new one",
					 file)
			       : not_looked_at(d, "%s: %s", file, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return found_wrong(
			d, arena_printf(d->arena, "rm %s", file), "%s is no regular file", file);
	if (st.st_mode & OTHERS)
		return found_wrong(d, arena_printf(d->arena, "chmod 0600 %s", file),
			"all users of this machine may use %s", file);
	e = load(d, &keys);
	keyring_free(&keys);
	return e == ERR_OK ? found_well(d, "%s is %s's alone", file, d->service.name)
			   : refused(d, e, &st);
}

static struct doctor_finding look_keys_age(struct doctor *d)
{
	struct stat st;
	int64_t days;

	if (stat(d->setup->common->keys_file, &st))
		return not_looked_at(d, "%s", strerror(errno));
	days = (time(NULL) - st.st_mtime) / DAY_SECONDS;
	if (days > OLD_DAYS)
		return found_doubtful(d, mend_ctl(d, "keys rotate jwt"),
			"no key was made anew for %lld days", (long long)days);
	return found_well(d, "the newest key is at most %lld days old", (long long)days + 1);
}

/* NULL: the file has them all. */
static const struct sealing_key *lost_key(
	const struct keyring *keys, const struct sealing_key *used, size_t n)
{
	for (size_t i = n; i > 0; i--)
		if (!keyring_find(keys, KEY_SEAL, (uint16_t)used[i - 1].id))
			return &used[i - 1];
	return NULL;
}

static struct doctor_finding look_keys_fit(struct doctor *d)
{
	const char *file = d->setup->common->keys_file;
	const struct sealing_key *lost;
	struct sealing_key *used;
	struct keyring *keys = NULL;
	size_t n;

	if (!d->content_pg || sealing_keys_read(d->content_pg, d->arena, &used, &n) != ERR_OK)
		return not_looked_at(d, "the database does not tell");
	if (load(d, &keys) != ERR_OK)
		return not_looked_at(d, "%s cannot be read", file);
	int64_t newest = keyring_current(keys, KEY_SEAL)->id;

	lost = lost_key(keys, used, n);
	keyring_free(&keys);
	if (!lost)
		return found_well(d, "%s opens what the database has sealed", file);
	/* A copy that is found later would open it, so the line only shows what would be lost. */
	return found_wrong(d, mend_ctl(d, "seal forget-unreadable"),
		"secrets are sealed with the key %lld, which %s does not have (its newest is "
		"%lld)%s: put its newest copy back, or else give up what it sealed",
		(long long)lost->id, file, (long long)newest,
		lost->id > newest ? ", it is older than the database" : "");
}

const struct doctor_check keys_checks[] = {
	{ "keys_file", "the file with the keys: there, and readable by its user alone",
		look_keys_file, NULL },
	{ "keys_age", "when a key was made last", look_keys_age, "keys_file" },
	{ 0 },
};
const struct doctor_check keys_fit_checks[] = {
	{ "keys_fit", "whether the keys are those of the database", look_keys_fit, "keys_file" },
	{ 0 },
};
