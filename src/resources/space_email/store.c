#include "space_email_priv.h"

#include "pg/pg.h"
#include "resources/space_email/server.h"
#include "service/subject_call.h"

enum {
	EMAIL_SENDER_GET,
	EMAIL_SERVER_GET,
	EMAIL_SERVER_PUT,
	EMAIL_SERVER_DELETE,
	EMAIL_SERVER_STMTS
};

static const struct field written_fields[] = {
	FIELD_INT(email_server, space_id, .flags = FIELD_KEY),
	FIELD_TEXT(email_server, host),
	FIELD_INT(email_server, port),
	FIELD_TEXT(email_server, username),
	FIELD_BYTES(email_server, password_sealed),
	FIELD_TEXT(email_server, from_address),
	FIELD_TEXT(email_server, from_name),
	FIELD_TEXT(email_server, signature),
	FIELDS_END,
};

static const struct field sender_fields[] = {
	FIELD_TEXT_AS(email_sender, space_name, "space_name", .column = "s.name"),
	FIELD_TEXT_AS(email_sender, server.host, "host"),
	FIELD_INT_AS(email_sender, server.port, "port"),
	FIELD_TEXT_AS(email_sender, server.username, "username"),
	FIELD_BYTES_AS(email_sender, server.password_sealed, "password_sealed"),
	FIELD_TEXT_AS(email_sender, server.from_address, "from_address"),
	FIELD_TEXT_AS(email_sender, server.from_name, "from_name"),
	FIELD_TEXT_AS(email_sender, server.signature, "signature"),
	FIELDS_END,
};

#define SERVER_ROW .row = email_server_fields, .row_size = sizeof(struct email_server)

const struct stmt space_email_stmts[EMAIL_SERVER_STMTS + 1] = {
	[EMAIL_SENDER_GET] = {
		.name = "email_sender_get",
		.params = { PG_TEXT },
		.row = sender_fields,
		.row_size = sizeof(struct email_sender),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row e} FROM spaces s LEFT JOIN space_email_servers e"
		       " ON e.space_id = s.id WHERE s.domain = $1",
	},
	[EMAIL_SERVER_GET] = {
		.name = "email_server_get",
		SUBJECT_KEY,
		SERVER_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM space_email_servers WHERE space_id = (SELECT id FROM spaces"
		       " WHERE domain = $name AND ends IS NULL AND " SUBJECT_CALLED ")",
	},
	[EMAIL_SERVER_PUT] = {
		.name = "email_server_put",
		.in = written_fields,
		.in_size = sizeof(struct email_server),
		SERVER_ROW,
		.rows = PG_ONE,
		.sql = "INSERT INTO space_email_servers ({in}) VALUES ({values})"
		       " ON CONFLICT (space_id) DO UPDATE SET {set}, updated_at = now()"
		       " RETURNING {row}",
	},
	[EMAIL_SERVER_DELETE] = {
		.name = "email_server_delete",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "DELETE FROM space_email_servers WHERE space_id = $1",
	},
};

enum err email_sender_get(struct service *s, const char *domain, struct email_sender *ret)
{
	return pg_one(s->pg, &space_email_stmts[EMAIL_SENDER_GET], s->arena, ret,
		PG_VALUES(pg_text(domain)));
}

enum err email_server_store_put(
	struct service *s, const struct email_server *in, struct email_server *ret)
{
	return pg_one(s->pg, &space_email_stmts[EMAIL_SERVER_PUT], s->arena, ret, PG_IN(in));
}

enum err email_server_delete(struct service *s, int64_t space_id)
{
	return pg_change(s->pg, &space_email_stmts[EMAIL_SERVER_DELETE], ERR_NOT_FOUND,
		PG_VALUES(pg_int(space_id)));
}

const struct subject email_server_of_space = {
	.name = "mail server", .find = &space_email_stmts[EMAIL_SERVER_GET], .of_caller = true
};
