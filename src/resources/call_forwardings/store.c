#include "call_forwardings_priv.h"

#include "pg/pg.h"
#include "resources/accounts/account.h"
#include "service/subject_call.h"

enum {
	FORWARDING_LIST_OWN,
	FORWARDING_LIST,
	FORWARDING_OWN,
	FORWARDING_SUBJECT,
	FORWARDING_LOCK,
	FORWARDING_NEIGHBOURS,
	FORWARDING_INSERT,
	FORWARDING_UPDATE,
	FORWARDING_DELETE,
	FORWARDING_STMTS
};

static const struct field neighbours_fields[] = {
	FIELD_BOOL(forwarding_neighbours, same_type),
	FIELD_BOOL(forwarding_neighbours, always),
	FIELD_BOOL(forwarding_neighbours, other),
	FIELD_BOOL(forwarding_neighbours, is_contact),
	FIELDS_END,
};

#define OF_FORWARDING  .in = call_forwarding_fields, .in_size = sizeof(struct call_forwarding)
#define FORWARDING_ROW .row = call_forwarding_fields, .row_size = sizeof(struct call_forwarding)
/* Those that lead somewhere (sql/0022_bounds.sql). */
#define FOUND   " FROM call_forwardings_found f"
#define ANOTHER "SELECT" FOUND " WHERE f.account_id = $account_id AND f.id <> $id"

#define LIST_OF(account)                                                          \
	"SELECT {row f}" FOUND " WHERE f.account_id = " account " ORDER BY f.id " \
	"DESC"

const struct stmt call_forwardings_stmts[FORWARDING_STMTS + 1] = {
	[FORWARDING_LIST_OWN] = {
		.name = "call_forwarding_list_own",
		SUBJECT_KEY,
		FORWARDING_ROW,
		.rows = PG_MANY,
		.sql = LIST_OF(SUBJECT_CALLER),
	},
	[FORWARDING_LIST] = {
		.name = "call_forwarding_list",
		SUBJECT_KEY,
		FORWARDING_ROW,
		.rows = PG_MANY,
		.sql = LIST_OF(SUBJECT_ACCOUNT),
	},
	[FORWARDING_OWN] = {
		.name = "call_forwarding_own",
		SUBJECT_KEY,
		FORWARDING_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row f}" FOUND
		       " WHERE f.id = $part_id AND f.account_id = " SUBJECT_CALLER,
	},
	[FORWARDING_SUBJECT] = {
		.name = "call_forwarding_subject",
		SUBJECT_KEY,
		FORWARDING_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row f}" FOUND " JOIN accounts a ON a.id = f.account_id"
		       " WHERE f.id = $part_id AND a.id = $id AND a.domain = $domain",
	},
	[FORWARDING_LOCK] = {
		.name = "call_forwarding_lock",
		OF_FORWARDING,
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "SELECT id FROM accounts WHERE id = $account_id FOR NO KEY UPDATE",
	},
	[FORWARDING_NEIGHBOURS] = {
		.name = "call_forwarding_neighbours",
		OF_FORWARDING,
		.row = neighbours_fields,
		.row_size = sizeof(struct forwarding_neighbours),
		.rows = PG_ONE,
		.sql = "SELECT EXISTS (" ANOTHER " AND f.type = $type) AS same_type,"
		       " EXISTS (" ANOTHER " AND f.enabled AND f.type = 'always') AS always,"
		       " EXISTS (" ANOTHER " AND f.enabled AND f.type <> 'always') AS other,"
		       " EXISTS (SELECT FROM contacts c WHERE c.account_id = $account_id"
		       "   AND c.contact_id = $contact_id)"
		       " OR EXISTS (SELECT FROM account_contacts_list l"
		       "   JOIN contacts_lists t ON t.id = l.list_id"
		       "   JOIN contacts_list_contact c ON c.list_id = t.id"
		       "   WHERE l.account_id = $account_id AND c.contact_id = $contact_id)"
		       " AS is_contact",
	},
	[FORWARDING_INSERT] = {
		.name = "call_forwarding_insert",
		OF_FORWARDING,
		FORWARDING_ROW,
		.rows = PG_ONE,
		.sql = "INSERT INTO call_forwardings AS f (account_id, type, forward_to, sip_uri,"
		       " enabled, contact_id) VALUES ($account_id, $type, $forward_to, $sip_uri,"
		       " $enabled, $contact_id) RETURNING {row f}",
	},
	[FORWARDING_UPDATE] = {
		.name = "call_forwarding_update",
		OF_FORWARDING,
		FORWARDING_ROW,
		.rows = PG_MAY_ONE,
		.sql = "UPDATE call_forwardings f SET forward_to = $forward_to, sip_uri = $sip_uri,"
		       " enabled = $enabled, contact_id = $contact_id, updated_at = now()"
		       " WHERE f.id = $id AND f.account_id = $account_id RETURNING {row f}",
	},
	[FORWARDING_DELETE] = {
		.name = "call_forwarding_delete",
		OF_FORWARDING,
		.rows = PG_NONE,
		.sql = "DELETE FROM call_forwardings WHERE id = $id AND account_id = $account_id",
	},
};

/* What is read behind the lock is what the last holder left. */
enum err call_forwarding_store_look(
	struct service *s, const struct call_forwarding *f, struct forwarding_neighbours *ret)
{
	struct pg_id locked;
	struct pg_call calls[] = {
		{ .stmt = &call_forwardings_stmts[FORWARDING_LOCK], PG_IN(f), .ret_row = &locked },
		{ .stmt = &call_forwardings_stmts[FORWARDING_NEIGHBOURS],
			PG_IN(f),
			.ret_row = ret },
	};
	enum err e = pg_together(s->pg, calls, 2);

	return e == ERR_OK ? calls[0].result : e;
}

enum err call_forwarding_store_insert(
	struct service *s, const struct call_forwarding *f, struct call_forwarding *ret)
{
	return pg_one(s->pg, &call_forwardings_stmts[FORWARDING_INSERT], s->arena, ret, PG_IN(f));
}

enum err call_forwarding_store_update(
	struct service *s, const struct call_forwarding *f, struct call_forwarding *ret)
{
	return pg_one(s->pg, &call_forwardings_stmts[FORWARDING_UPDATE], s->arena, ret, PG_IN(f));
}

enum err call_forwarding_delete(
	struct service *s, int64_t account_id, int64_t id, int64_t *ret_count)
{
	const struct call_forwarding f = { .id = id, .account_id = account_id };

	return pg_run(s->pg, &call_forwardings_stmts[FORWARDING_DELETE], ret_count, PG_IN(&f));
}

#define FORWARDING_IN_PATH                                                                      \
	FIELD_INT_AS(subject_key, part_id, "fid", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, \
		.min = 1, .doc = "Identifier of the call forwarding")

static const struct field own_in_path[] = { FORWARDING_IN_PATH, FIELDS_END };
static const struct field both_in_path[] = { ACCOUNT_ID_IN_PATH, FORWARDING_IN_PATH, FIELDS_END };

const struct subject call_forwarding_own = { .name = "call forwarding",
	.path = own_in_path,
	.find = &call_forwardings_stmts[FORWARDING_OWN],
	.of_caller = true };
const struct subject call_forwarding_subject = { .name = "call forwarding",
	.path = both_in_path,
	.find = &call_forwardings_stmts[FORWARDING_SUBJECT] };
const struct subject call_forwardings_own = { .name = "call forwardings",
	.find = &call_forwardings_stmts[FORWARDING_LIST_OWN],
	.of_caller = true };
const struct subject call_forwardings_of_account = { .name = "call forwardings",
	.find = &call_forwardings_stmts[FORWARDING_LIST],
	.of_caller = true };
