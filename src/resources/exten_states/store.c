#include "pg/pg.h"
#include "resources/exten_states/exten_states.h"
#include "resources/extensions/fields.h"
#include "resources/extensions/number_sql.h"
#include "service/subject_call.h"

enum { EXTEN_OWNER, EXTEN_STATES_STMTS };

static const struct field owner_fields[] = {
	FIELD_INT(exten_owner, account_id, .column = "id"),
	FIELD_TEXT(exten_owner, exten, .column = "w.number"),
	FIELD_TEXT(exten_owner, username),
	FIELD_TEXT(exten_owner, display_name),
	FIELD_TEXT(exten_owner, presence, .column = "coalesce(u.presence, 'online')"),
	FIELD_BOOL(exten_owner, is_device, .column = "w.is_device"),
	FIELDS_END,
};

const struct stmt exten_states_stmts[EXTEN_STATES_STMTS + 1] = {
	[EXTEN_OWNER] = {
		.name = "exten_owner",
		SUBJECT_KEY,
		.row = owner_fields,
		.row_size = sizeof(struct exten_owner),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row a} FROM " NUMBER_OWNER(SUBJECT_CALLERS_DOMAIN, "$name") " w"
		       " JOIN accounts a ON a.id = w.account_id"
		       " LEFT JOIN cti_users u ON u.account_id = a.id",
	},
};

static const struct field exten_in_path[] = {
	FIELD_TEXT_AS(subject_key, name, "exten", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.max = EXTENSION_MAX, .check = extension_check, .doc = "Number of the extension"),
	FIELDS_END,
};

const struct subject exten_owner_subject = {
	.name = "extension",
	.path = exten_in_path,
	.find = &exten_states_stmts[EXTEN_OWNER],
	.of_caller = true,
};
