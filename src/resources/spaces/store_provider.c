#include "spaces_priv.h"

#include "pg/pg.h"

enum { PROVIDER_PUT, PROVIDER_DROP, PROVIDER_STMTS };

static const struct field provider_fields[] = {
	FIELD_INT(space_provider, space_id, .flags = FIELD_KEY),
	FIELD_TEXT(space_provider, server_url),
	FIELD_TEXT(space_provider, realm),
	FIELD_TEXT(space_provider, sip_identifier),
	FIELD_TEXT(space_provider, public_key),
	FIELD_TEXT(space_provider, audience),
	FIELD_TEXT(space_provider, client_id),
	FIELD_BYTES(space_provider, client_secret_sealed, .flags = FIELD_KEEP),
	FIELD_TRI(space_provider, auto_provisioning),
	FIELD_TRI(space_provider, role_provisioning),
	FIELDS_END,
};

const struct stmt spaces_provider_stmts[PROVIDER_STMTS + 1] = {
	[PROVIDER_PUT] = {
		.name = "space_provider_put",
		.in = provider_fields,
		.in_size = sizeof(struct space_provider),
		.rows = PG_NONE,
		.sql = "INSERT INTO space_oidc_configurations AS o ({in})"
		       " VALUES ({values}) ON CONFLICT (space_id)"
		       " DO UPDATE SET {set o}, updated_at = now()",
	},
	[PROVIDER_DROP] = {
		.name = "space_provider_drop",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "DELETE FROM space_oidc_configurations WHERE space_id = $1",
	},
};

enum err space_store_put_provider(struct service *s, const struct space_provider *p)
{
	return pg_change(s->pg, &spaces_provider_stmts[PROVIDER_PUT], ERR_NOT_FOUND, PG_IN(p));
}

enum err space_store_drop_provider(struct service *s, int64_t space_id)
{
	return pg_run(
		s->pg, &spaces_provider_stmts[PROVIDER_DROP], NULL, PG_VALUES(pg_int(space_id)));
}
