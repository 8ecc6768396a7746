#include "vcards_priv.h"

#include <string.h>

#include "pg/pg.h"
#include "resources/accounts/account.h"
#include "resources/vcards/vcards.h"
#include "service/subject_call.h"
#include "vcard.h"

#define URN "urn:uuid:"

enum {
	VCARD_LIST_OWN,
	VCARD_LIST_OF_ACCOUNT,
	VCARD_OWN,
	VCARD_OF_ACCOUNT,
	VCARD_INSERT,
	VCARD_UPDATE,
	VCARD_DELETE,
	VCARD_STMTS
};

#define OF_VCARD  .in = stored_vcard_fields, .in_size = sizeof(struct stored_vcard)
#define VCARD_ROW .row = stored_vcard_fields, .row_size = sizeof(struct stored_vcard)

/* Whether this one and the others of the account fit. */
#define FITS                                                                              \
	" (SELECT count(*) < " PG_CONSTANT(                                               \
		VCARDS_MAX) " AND coalesce(sum(o.bytes), 0) + $bytes "                    \
			    "<= " PG_CONSTANT(VCARDS_MAX_BYTES) " FROM vcards_storage o " \
								"WHERE "                  \
								"o.account_id = "         \
								"$account_id "            \
								"AND o.key <> "           \
								"$key)"

const struct stmt vcards_stmts[VCARD_STMTS + 1] = {
	[VCARD_LIST_OWN] = {
		.name = "vcard_list_own",
		SUBJECT_KEY,
		VCARD_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row} FROM vcards_storage WHERE account_id = " SUBJECT_CALLER
		       " ORDER BY created_at, key",
	},
	[VCARD_LIST_OF_ACCOUNT] = {
		.name = "vcard_list_of_account",
		SUBJECT_KEY,
		VCARD_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row} FROM vcards_storage WHERE account_id = " SUBJECT_ACCOUNT
		       " ORDER BY created_at, key",
	},
	[VCARD_OWN] = {
		.name = "vcard_own",
		SUBJECT_KEY,
		VCARD_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM vcards_storage WHERE account_id = " SUBJECT_CALLER " AND key = $name",
	},
	[VCARD_OF_ACCOUNT] = {
		.name = "vcard_of_account",
		SUBJECT_KEY,
		VCARD_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row v} FROM vcards_storage v JOIN accounts a ON a.id = v.account_id"
		       " WHERE v.account_id = $id AND v.key = $name AND a.domain = $domain",
	},
	[VCARD_INSERT] = {
		.name = "vcard_insert",
		OF_VCARD,
		VCARD_ROW,
		.rows = PG_MAY_ONE,
		.sql = "INSERT INTO vcards_storage (account_id, key, uid, vcard, bytes)"
		       " SELECT $account_id, $key, $uid, $vcard, $bytes WHERE" FITS
		       " RETURNING {row}",
	},
	[VCARD_UPDATE] = {
		.name = "vcard_update",
		OF_VCARD,
		VCARD_ROW,
		.rows = PG_MAY_ONE,
		.sql = "UPDATE vcards_storage SET {set}, updated_at = now()"
		       " WHERE account_id = $account_id AND key = $key AND" FITS " RETURNING {row}",
	},
	[VCARD_DELETE] = {
		.name = "vcard_delete",
		OF_VCARD,
		.rows = PG_NONE,
		.sql = "DELETE FROM vcards_storage WHERE account_id = $account_id AND key = $key",
	},
};

const char *vcard_key(const char *uid)
{
	struct str s = str_from(uid);
	size_t n = strlen(URN);

	return s.n > n && str_case_is((struct str){ s.p, n }, URN) ? uid + n : uid;
}

enum err vcard_store_insert(
	struct service *s, const struct stored_vcard *v, struct stored_vcard *ret)
{
	enum err e = pg_one(s->pg, &vcards_stmts[VCARD_INSERT], s->arena, ret, PG_IN(v));

	if (e == ERR_CONFLICT && strcmp(pg_constraint(s->pg), "vcards_storage_pkey") != 0)
		return ERR_NOT_FOUND;
	return e == ERR_NOT_FOUND ? ERR_LIMIT : e;
}

enum err vcard_store_update(
	struct service *s, const struct stored_vcard *v, struct stored_vcard *ret)
{
	const struct subject_key key = { .caller_id = v->account_id, .name = v->key };
	enum err e = pg_one(s->pg, &vcards_stmts[VCARD_UPDATE], s->arena, ret, PG_IN(v));

	if (e != ERR_NOT_FOUND)
		return e;
	e = pg_one(s->pg, &vcards_stmts[VCARD_OWN], s->arena, ret, PG_IN(&key));
	return e == ERR_OK ? ERR_LIMIT : e;
}

enum err vcard_delete(struct service *s, const struct stored_vcard *v)
{
	return pg_change(s->pg, &vcards_stmts[VCARD_DELETE], ERR_NOT_FOUND, PG_IN(v));
}

static enum err key_of_uid(struct subject_key *k, struct arena *arena)
{
	(void)arena;
	if (!k->name)
		return ERR_NOT_FOUND;
	k->name = vcard_key(k->name);
	return ERR_OK;
}

/* clang-format off */
#define UUID_IN_PATH                                                                                \
	FIELD_TEXT_AS(subject_key, name, "uuid", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,      \
		.max = VCARD_UID_MAX, .doc = "UID of the vCard, with urn:uuid: or without",         \
		.example = "urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1")
/* clang-format on */

static const struct field own_in_path[] = { UUID_IN_PATH, FIELDS_END };
static const struct field of_account_in_path[] = {
	ACCOUNT_ID_IN_PATH,
	UUID_IN_PATH,
	FIELDS_END,
};

const struct subject vcard_own = { .name = "own_vcard",
	.path = own_in_path,
	.key = key_of_uid,
	.find = &vcards_stmts[VCARD_OWN],
	.of_caller = true };
const struct subject vcard_of_account = { .name = "vcard",
	.path = of_account_in_path,
	.key = key_of_uid,
	.find = &vcards_stmts[VCARD_OF_ACCOUNT] };
const struct subject vcards_own = {
	.name = "vcards", .find = &vcards_stmts[VCARD_LIST_OWN], .of_caller = true
};
const struct subject vcards_of_account = {
	.name = "vcards", .find = &vcards_stmts[VCARD_LIST_OF_ACCOUNT], .of_caller = true
};
