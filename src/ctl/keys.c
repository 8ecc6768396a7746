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

static bool is_migrated(struct ctl *c, bool *ret_known)
{
	const struct pg_settings settings = { .conninfo = c->common->postgres,
		.app_name = "dialtonectl" };
	struct migration_state *states;
	size_t n = 0;

	*ret_known = migrate_status(&settings, c->migrations, c->arena, &states, &n) == ERR_OK;
	return *ret_known && n && strcmp(states[0].state, "pending") != 0;
}

/*
 * An id above those of all keys that something was made with, so that no new key takes the place of a
 * lost one: the database knows those of seals, and far behind them is far behind the others, too.
 */
static int64_t keys_used(struct ctl *c)
{
	bool known;
	int64_t used;

	if (!is_migrated(c, &known) && known)
		return 0;
	c->service.pg = known ? database_new(c) : NULL;
	if (known && pg_connect(c->service.pg) == ERR_OK &&
		sealed_store_newest_key(&c->service, &used) == ERR_OK)
		return used ? used + arc4random_uniform(IDS_APART) : 0;
	say(c, "Which keys this database was sealed with is not known: the ids are taken at "
	       "random.");
	return 1 + arc4random_uniform(IDS_RANDOM);
}

static enum err keys_create(struct ctl *c, const void *input)
{
	enum err e;

	(void)input;
	e = keyring_create(c->common->keys_file, keys_used(c));
	if (e == ERR_CONFLICT)
		return refuse(c, e, "%s exists and was left alone.", c->common->keys_file);
	if (e == ERR_LIMIT)
		return refuse(c, e, "The ids of keys are used up: see seal forget-unreadable.");
	if (e == ERR_OK)
		say(c, "%s holds a fresh key for each purpose.", c->common->keys_file);
	return e;
}

static enum err keys_rotate(struct ctl *c, const void *input)
{
	const struct rotate_input *in = input;
	enum key_purpose purpose;
	int64_t used = 0;
	bool known;
	enum err e;

	if (!key_purpose_parse(str_from(in->purpose), &purpose))
		return refuse(c, ERR_INVALID, "%s is no purpose: it is %s.", in->purpose, PURPOSES);
	/* The file may be older than the database, come back from a backup. */
	if (purpose == KEY_SEAL && is_migrated(c, &known)) {
		c->service.pg = database_new(c);
		if (pg_connect(c->service.pg) != ERR_OK ||
			sealed_store_newest_key(&c->service, &used) != ERR_OK)
			used = 0;
	}
	e = keyring_rotate(c->common->keys_file, purpose, used);
	if (e == ERR_OK)
		say(c, "A new %s key is in %s: reload the programs that use it, relays first.",
			in->purpose, c->common->keys_file);
	return e;
}

const struct command keys_commands[] = {
	{ "keys create", NULL, 0, NEEDS_NOTHING, keys_create,
		"Write the file with the server's keys" },
	{ "keys rotate", rotate_fields, sizeof(struct rotate_input), NEEDS_NOTHING, keys_rotate,
		"Add a new key for a purpose; older ones stay valid for what they made" },
	{ 0 },
};
