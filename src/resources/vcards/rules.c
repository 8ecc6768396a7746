#include "resources/vcards/vcards.h"

#include <string.h>

#include "service/audit.h"
#include "service/refusal.h"
#include "vcard.h"
#include "vcards_priv.h"

const struct refusal vcard_known = { 409, "vcard_known",
	"A vCard with this UID is stored already." };

static const struct text not_a_vcard = { "not_a_vcard",
	"The {f} value must be one vCard of version 3.0 or 4.0 with FN and UID." };
static const struct text another_uid = { "another_uid",
	"The {f} value must have the UID it is stored under." };

static enum err bad_vcard(struct service *s, const struct text *why)
{
	field_errors_add(s->errors, "vcard", why);
	return ERR_INVALID;
}

static enum err row_of(
	struct service *s, int64_t account_id, const char *text, struct stored_vcard *ret)
{
	struct vcard v;

	if (!vcard_read(s->arena, str_from(text), &v))
		return bad_vcard(s, &not_a_vcard);
	*ret = (struct stored_vcard){ .account_id = account_id,
		.uid = v.uid,
		.key = vcard_key(v.uid),
		.vcard = v.text,
		.bytes = (int64_t)strlen(v.text) };
	return ERR_OK;
}

enum err vcard_add(
	struct service *s, int64_t account_id, const char *text, struct stored_vcard *ret)
{
	struct stored_vcard row;
	enum err e = row_of(s, account_id, text, &row);

	if (e != ERR_OK)
		return e;
	audit_made(s, row.uid);
	e = vcard_store_insert(s, &row, ret);
	if (e == ERR_CONFLICT)
		return refused(s, &vcard_known);
	return e == ERR_LIMIT ? refused(s, &limit_reached) : e;
}

enum err vcard_replace(struct service *s, const struct stored_vcard *now, const char *text,
	struct stored_vcard *ret)
{
	struct stored_vcard row;
	enum err e = row_of(s, now->account_id, text, &row);

	if (e != ERR_OK)
		return e;
	if (strcmp(row.key, now->key) != 0)
		return bad_vcard(s, &another_uid);
	e = vcard_store_update(s, &row, ret);
	return e == ERR_LIMIT ? refused(s, &limit_reached) : e;
}
