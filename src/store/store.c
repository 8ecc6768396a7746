#include "store/store.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store_priv.h"

static const struct stmt *const registries[] = { account_stmts, cleanup_stmts, cti_setting_stmts,
	cti_user_stmts, extension_stmts, guess_stmts, identity_stmts, key_stmts, legacy_stmts,
	nonce_stmts, outbox_stmts, profile_stmts, sealed_stmts, session_stmts, space_stmts,
	status_stmts, two_factor_stmts };

const struct field store_id_fields[] = { FIELD_INT(store_id, id), FIELDS_END };

struct store *store_new(const struct store_settings *settings)
{
	struct store *st = mem_alloc(sizeof(*st));

	st->pg = pg_new(&(struct pg_settings){ .conninfo = settings->conninfo,
		.app_name = settings->app_name,
		.connect_timeout_ms = settings->connect_timeout_ms,
		.query_timeout_ms = settings->query_timeout_ms });
	for (size_t i = 0; i < sizeof(registries) / sizeof(registries[0]); i++)
		pg_register(st->pg, registries[i]);
	return st;
}

void store_free(struct store **st)
{
	if (!*st)
		return;
	pg_free(&(*st)->pg);
	free(*st);
	*st = NULL;
}

enum err store_connect(struct store *st)
{
	return pg_connect(st->pg);
}

enum err store_begin(struct store *st)
{
	return pg_begin(st->pg);
}

enum err store_commit(struct store *st)
{
	return pg_commit(st->pg);
}

void store_rollback(struct store *st)
{
	pg_rollback(st->pg);
}

const char *store_constraint(const struct store *st)
{
	return pg_constraint(st->pg);
}

enum err store_change(struct store *st, const struct stmt *s, enum err none,
	const struct pg_value *values, size_t n)
{
	int64_t affected;
	enum err e = pg_run(st->pg, s, &affected, values, n);

	return e == ERR_OK && affected == 0 ? none : e;
}
