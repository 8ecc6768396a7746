#include "pg/pg.h"
#include "server_facts.h"

enum { DOCTOR_CONTENT, DOCTOR_WRITE, DOCTOR_KEYS, DOCTOR_CONTENT_STMTS };

static const struct field content_fields[] = {
	FIELD_INT(content_facts, outbox),
	FIELD_TIME(content_facts, outbox_since),
	FIELD_INT(content_facts, dead_jobs),
	FIELD_INT(content_facts, mails),
	FIELD_INT(content_facts, messages),
	FIELD_INT(content_facts, spaces),
	FIELD_TEXT(content_facts, hosts),
	FIELDS_END,
};

static const struct field key_fields[] = { FIELD_INT(sealing_key, id), FIELDS_END };

#define MOST             "10000" /* FACTS_MOST */
#define SOME(what, from) "(SELECT count(*) FROM (SELECT FROM " from " LIMIT " MOST ") few) AS " what
#define WAITING(backend) "jobs WHERE backend = '" backend "' AND ended_at IS NULL"
/* A seal begins with its version and two bytes of key id. */
#define KEYS_OF(table, id, column)                                                \
	"SELECT get_byte(s, 1) * 256 + get_byte(s, 2) AS id FROM (SELECT " column \
	" AS s FROM " table " ORDER BY " id " DESC LIMIT 1000) newest WHERE length(s) > 2"

static const struct stmt doctor_content_stmts[DOCTOR_CONTENT_STMTS + 1] = {
	[DOCTOR_CONTENT] = {
		.name = "doctor_content",
		.row = content_fields,
		.row_size = sizeof(struct content_facts),
		.rows = PG_ONE,
		.sql = "SELECT " SOME("outbox", "outbox") ","
		       " (SELECT created_at FROM outbox ORDER BY id LIMIT 1) AS outbox_since,"
		       " " SOME("dead_jobs", "jobs WHERE ended_at IS NOT NULL") ","
		       " " SOME("mails", WAITING("mail")) ","
		       " " SOME("messages", WAITING("sms")) ","
		       " " SOME("spaces", "spaces") ","
		       " (SELECT coalesce(string_agg(host, ' '), '')"
		       "   FROM (SELECT host FROM spaces ORDER BY id LIMIT 200) few) AS hosts",
	},
	/* Taken back with its transaction. */
	[DOCTOR_WRITE] = {
		.name = "doctor_write",
		.rows = PG_NONE,
		.sql = "INSERT INTO guesses (subject, failures, ends_at)"
		       " VALUES ('doctor:' || pg_backend_pid(), 0, now())",
	},
	[DOCTOR_KEYS] = {
		.name = "doctor_keys",
		.row = key_fields,
		.row_size = sizeof(struct sealing_key),
		.rows = PG_MANY,
		.sql = "SELECT DISTINCT id FROM ("
		       KEYS_OF("provisioning_tokens", "id", "token_sealed") " UNION ALL "
		       KEYS_OF("two_factor", "account_id", "secret_sealed") " UNION ALL "
		       KEYS_OF("extensions", "id", "secret_sealed") " UNION ALL "
		       KEYS_OF("confirmation_keys", "account_id", "key_sealed") " UNION ALL "
		       KEYS_OF("space_email_servers", "id", "password_sealed")
		       ") keys ORDER BY id",
	},
};

void content_facts_register(struct pg *pg)
{
	pg_register(pg, doctor_content_stmts);
}

enum err content_facts_read(struct pg *pg, struct arena *arena, struct content_facts *ret)
{
	return pg_one(pg, &doctor_content_stmts[DOCTOR_CONTENT], arena, ret, PG_NO_VALUES);
}

enum err content_can_be_written(struct pg *pg)
{
	enum err e = pg_begin(pg);

	if (e == ERR_OK)
		e = pg_run(pg, &doctor_content_stmts[DOCTOR_WRITE], NULL, PG_NO_VALUES);
	pg_rollback(pg);
	return e;
}

enum err sealing_keys_read(
	struct pg *pg, struct arena *arena, struct sealing_key **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(
		pg, &doctor_content_stmts[DOCTOR_KEYS], arena, &rows, ret_count, PG_NO_VALUES);

	if (e == ERR_OK)
		*ret = rows;
	return e;
}
