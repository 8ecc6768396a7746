/* keys: the file that seals, signs and opens. */
#include "ctl_priv.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/keyring.h"
#include "sealed.h"

#define IDS_APART  4096
#define IDS_RANDOM 16384
#define PURPOSES   "jwt, seal, digest or token"

struct rotate_input {
	const char *purpose;
};

static const struct field rotate_fields[] = {
	FIELD_TEXT(rotate_input, purpose, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.doc = PURPOSES),
	FIELDS_END,
};

struct create_input {
	bool first;
};

static const struct field create_fields[] = {
	FIELD_BOOL(create_input, first, .in = FIELD_IN_QUERY,
		.doc = "Not where the database holds secrets that other keys have sealed"),
	FIELDS_END,
};

static bool is_migrated(struct ctl *c, bool *ret_known)
{
	const struct pg_settings settings = { .conninfo = c->common->postgres,
		.app_name = "dialtonectl" };
	struct migration_state *states;
	size_t n = 0;

	*ret_known = migrate_status(&settings, c->migrations, c->arena, &states, &n) == ERR_OK;
	return *ret_known && n && strcmp(states[0].state, "pending") != 0;
}

/* The newest key that the database was sealed with, 0 when nothing is sealed; false: it cannot be asked. */
static bool sealing_key(struct ctl *c, int64_t *ret_id)
{
	bool known;

	*ret_id = 0;
	if (!is_migrated(c, &known))
		return known;
	c->service.pg = database_new(c);
	return pg_connect(c->service.pg) == ERR_OK &&
	       sealed_store_newest_key(&c->service, ret_id) == ERR_OK;
}

/*
 * An id above those of all keys that something was made with, so that no new key takes the place of a
 * lost one: the database knows those of seals, and far behind them is far behind the others, too.
 */
static int64_t keys_used(struct ctl *c, bool known, int64_t used)
{
	if (known && used + IDS_APART < KEY_ID_MAX)
		return used ? used + arc4random_uniform(IDS_APART) : 0;
	say(c, "Which keys this database was sealed with is not known: the ids are taken at "
	       "random.");
	return 1 + arc4random_uniform(IDS_RANDOM);
}

static enum err keys_create(struct ctl *c, const void *input)
{
	const struct create_input *in = input;
	int64_t used;
	bool known = sealing_key(c, &used);
	enum err e;

	if (in->first && used)
		return refuse(c, ERR_CONFLICT,
			"The database holds secrets that other keys have sealed: bring them to %s, "
			"or give those secrets up with \"dialtonectl keys create\".",
			c->common->keys_file);
	e = keyring_create(c->common->keys_file, keys_used(c, known, used));
	if (e == ERR_CONFLICT)
		return refuse(c, e, "%s exists and was left alone.", c->common->keys_file);
	if (e == ERR_OK)
		say(c, "%s holds a fresh key for each purpose.", c->common->keys_file);
	return e;
}

/* How many secrets would be lost with the key that a new one pushes out of the file. */
static enum err pushed_out(struct ctl *c, int64_t *ret)
{
	struct keyring *k;
	const struct key *oldest;
	enum err e = keyring_load(c->common->keys_file, &k);

	if (e != ERR_OK)
		return e;
	oldest = keyring_at(k, KEY_SEAL, KEYS_KEPT - 1);
	*ret = 0;
	if (oldest)
		e = sealed_store_count(&c->service, oldest->id, ret);
	keyring_free(&k);
	return e;
}

/* The file may be older than the database, come back from a backup: *ret_used is what the database says. */
static enum err seal_rotation_check(struct ctl *c, int64_t *ret_used)
{
	bool known;
	int64_t lost;
	enum err e;

	if (!is_migrated(c, &known))
		return ERR_OK;
	c->service.pg = database_new(c);
	e = pg_connect(c->service.pg);
	if (e == ERR_OK)
		e = sealed_store_newest_key(&c->service, ret_used);
	if (e == ERR_OK)
		e = pushed_out(c, &lost);
	if (e == ERR_OK && lost)
		return refuse(c, ERR_CONFLICT,
			"%lld secrets are sealed with the oldest key, which would be dropped: run "
			"\"dialtonectl seal re-encrypt\" first.",
			(long long)lost);
	return e;
}

static enum err keys_rotate(struct ctl *c, const void *input)
{
	const struct rotate_input *in = input;
	enum key_purpose purpose;
	int64_t used = 0;
	enum err e = ERR_OK;

	if (!key_purpose_parse(str_from(in->purpose), &purpose))
		return refuse(c, ERR_INVALID, "%s is no purpose: it is %s.", in->purpose, PURPOSES);
	if (purpose == KEY_SEAL)
		e = seal_rotation_check(c, &used);
	if (e == ERR_OK)
		e = keyring_rotate(c->common->keys_file, purpose, used);
	if (e == ERR_OK)
		say(c, "A new %s key is in %s: reload the programs that use it, relays first.",
			in->purpose, c->common->keys_file);
	return e;
}

const struct command keys_commands[] = {
	{ "keys create", create_fields, sizeof(struct create_input), NEEDS_NOTHING, keys_create,
		"Write the file with the server's keys" },
	{ "keys rotate", rotate_fields, sizeof(struct rotate_input), NEEDS_NOTHING, keys_rotate,
		"Add a new key for a purpose; older ones stay valid for what they made" },
	{ 0 },
};
