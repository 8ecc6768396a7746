/* migrate: the schema of the database. */
#include "ctl_priv.h"

struct migrate_input {
	bool status;
};

static const struct field migrate_fields[] = {
	FIELD_BOOL(migrate_input, status, .in = FIELD_IN_QUERY, .doc = "Only show"),
	FIELDS_END,
};

static void tell(void *arg, const char *sentence)
{
	say(arg, "%s", sentence);
}

static enum err show(struct ctl *c, const struct pg_settings *settings)
{
	struct migration_state *states;
	size_t n;
	enum err e = migrate_status(settings, c->migrations, c->arena, &states, &n);

	if (e == ERR_UNAVAILABLE)
		return refuse(c, e, "The database is not available.");
	if (e == ERR_OK)
		table_rows(c, migration_state_fields, states, sizeof(*states), n);
	return e;
}

static enum err migrate(struct ctl *c, const void *input)
{
	const struct migrate_input *in = input;
	const struct pg_settings settings = { .conninfo = c->common->postgres,
		.app_name = "dialtonectl" };

	if (in->status)
		return show(c, &settings);
	c->said = true;
	return migrate_run(&settings, c->migrations, tell, c);
}

const struct command schema_commands[] = {
	{ "migrate", migrate_fields, sizeof(struct migrate_input), NEEDS_NOTHING, migrate,
		"Bring the database to the schema of this program; --status only shows" },
	{ 0 },
};
