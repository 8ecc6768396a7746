/* config check, status: is everything as it should be? */
#include "ctl_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "crypto/keyring.h"
#include "delivery/mail_templates.h"
#include "redis/redis.h"
#include "status.h"

#define OUTBOX_OLD_S 60

struct check_input {
	const char *file;
};

static const struct field check_fields[] = {
	FIELD_TEXT(check_input, file, .in = FIELD_IN_PATH, .doc = "Another file"),
	FIELDS_END,
};

struct status {
	const char *database; /* "ok", "away", or "failing": it answers, but not this */
	const char *redis;    /* "ok" or "away" */
	const char *writes;   /* of the database: "ok" or "refused" */
	int64_t database_us, redis_us;
	const char *why;      /* the database is not ok; "" when it is */
	const char *redis_at; /* the server in use, or why there is none */
	const char *schema;   /* "current", "pending", "newer" or "changed" */
	int64_t schema_version, program_version;
	struct status_counts counts;
};

static const struct field status_fields[] = {
	FIELD_TEXT(status, database),
	FIELD_TEXT_AS(status, writes, "database_writes"),
	FIELD_INT(status, database_us),
	FIELD_TEXT_AS(status, why, "database_why"),
	FIELD_TEXT(status, redis),
	FIELD_INT(status, redis_us),
	FIELD_TEXT(status, redis_at),
	FIELD_TEXT(status, schema),
	FIELD_INT(status, schema_version),
	FIELD_INT(status, program_version),
	FIELD_INT_AS(status, counts.spaces, "spaces"),
	FIELD_INT_AS(status, counts.accounts, "accounts"),
	FIELD_INT_AS(status, counts.sessions, "sessions"),
	FIELD_INT_AS(status, counts.outbox, "outbox"),
	FIELD_INT_AS(status, counts.outbox_s, "outbox_s"),
	FIELD_INT_AS(status, counts.jobs, "jobs"),
	FIELDS_END,
};

static void say_mistake(void *arg, const char *mistake)
{
	fprintf(arg, "%s%s\n", log_mistake_mark(fileno(arg)), mistake);
}

int ctl_config_check(const char *path, const char *const *env, FILE *out, FILE *err)
{
	struct conf_files files;
	struct keyring *keys = NULL;
	struct mail_templates *templates = NULL;
	enum err e = conf_check_file(path, env, err, &files);
	/* What is wrong with it is logged, to the same place. */
	enum err keys_e = keyring_load(files.keys, &keys);
	enum err mails_e = mail_templates_load(files.mail_templates, say_mistake, err, &templates);

	mail_templates_free(&templates);
	keyring_free(&keys);
	if (keys_e == ERR_NOT_FOUND)
		say_mistake(err, "There are no keys yet: \"dialtonectl keys create\" makes them.");
	if (e != ERR_OK || keys_e != ERR_OK || mails_e != ERR_OK)
		return CONF_EXIT_MISTAKE;
	fprintf(out, "configuration ok\n");
	return EXIT_SUCCESS;
}

/* Only for its row in the help: main() runs it before the configuration is read. */
static enum err config_check(struct ctl *c, const void *input)
{
	const struct check_input *in = input;

	c->said = true;
	return ctl_config_check(in->file ? in->file : c->config_file, NULL, c->out, c->err) ==
			       EXIT_SUCCESS
		       ? ERR_OK
		       : ERR_INVALID;
}

/* The first state that is not "applied" says it all: they are in order. */
static void schema_read(struct ctl *c, struct status *s)
{
	const struct pg_settings settings = { .conninfo = c->common->postgres,
		.app_name = "dialtonectl" };
	struct migration_state *states;
	size_t n = 0;

	for (const struct migration *m = c->migrations; m->version; m++)
		s->program_version = m->version;
	if (migrate_status(&settings, c->migrations, c->arena, &states, &n) != ERR_OK)
		return;
	s->schema = "current";
	for (size_t i = 0; i < n; i++) {
		if (strcmp(states[i].state, "pending") != 0)
			s->schema_version = states[i].version;
		if (strcmp(states[i].state, "applied") != 0 && strcmp(s->schema, "current") == 0)
			s->schema = states[i].state;
	}
	if (strcmp(s->schema, "unknown") == 0)
		s->schema = "newer";
}

static void database_read(struct ctl *c, struct status *s)
{
	int64_t start;

	c->service.pg = database_new(c);
	if (pg_connect(c->service.pg) == ERR_OK) {
		s->database = "failing";
		start = clock_wall_us();
		if (status_store_read(&c->service, &s->counts) == ERR_OK) {
			s->database = "ok";
			s->database_us = clock_wall_us() - start;
		}
		if (status_store_write(&c->service) == ERR_OK)
			s->writes = "ok";
	}
	s->why = arena_strdup(c->arena, pg_why(c->service.pg));
}

static void redis_read(struct ctl *c, struct status *s)
{
	struct redis_address address;
	struct redis_reply reply;
	struct redis *redis;
	int64_t start;

	if (redis_address_as(c->common->redis, c->redis, c->arena, &address) != ERR_OK)
		return;
	redis = redis_new(&address, 0);
	start = clock_wall_us();
	if (redis_call(redis, REDIS_COMMAND(STR("PING")), c->arena, &reply) == ERR_OK) {
		s->redis = "ok";
		s->redis_us = clock_wall_us() - start;
	}
	s->redis_at = arena_strdup(c->arena, redis_where(redis));
	redis_free(&redis);
}

/* What waits is published: a dialtone-jobs is there, and it does not leave it. */
static bool is_published(const struct status_counts *n)
{
	return n->outbox == 0 || (n->jobs > 0 && n->outbox_s < OUTBOX_OLD_S);
}

static bool is_well(const struct status *s)
{
	return strcmp(s->database, "ok") == 0 && strcmp(s->writes, "ok") == 0 &&
	       strcmp(s->redis, "ok") == 0 && strcmp(s->schema, "current") == 0 &&
	       is_published(&s->counts);
}

static enum err status(struct ctl *c, const void *input)
{
	struct status s = { .database = "away",
		.writes = "refused",
		.why = "",
		.redis = "away",
		.redis_at = "",
		.schema = "unknown" };

	(void)input;
	schema_read(c, &s);
	if (strcmp(s.schema, "current") == 0)
		database_read(c, &s);
	else if (strcmp(s.schema, "unknown") != 0)
		s.database = "ok";
	redis_read(c, &s);
	table_object(c, status_fields, &s);
	c->said = true;
	return is_well(&s) ? ERR_OK : ERR_UNAVAILABLE;
}

const struct command server_commands[] = {
	{ "config check", check_fields, sizeof(struct check_input), NEEDS_NOTHING, config_check,
		"Check the configuration of all programs" },
	{ "status", NULL, 0, NEEDS_NOTHING, status,
		"Show schema, servers and counts; fails when something is away, out of step or "
		"waits unpublished" },
	{ 0 },
};
