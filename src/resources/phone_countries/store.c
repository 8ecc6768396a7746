#include "resources/phone_countries/phone_country.h"

#include "pg/pg.h"
#include "service/subject_call.h"

enum { COUNTRY_LIST, COUNTRY_GET, COUNTRY_ACTIVATE, COUNTRY_STMTS };

const struct text text_phone_country = { "phone_country",
	"Phone numbers of this country are not accepted." };

#define COUNTRY .row = phone_country_fields, .row_size = sizeof(struct phone_country)

const struct stmt phone_countries_stmts[COUNTRY_STMTS + 1] = {
	[COUNTRY_LIST] = {
		.name = "phone_country_list",
		SUBJECT_KEY,
		COUNTRY,
		.rows = PG_MANY,
		.sql = "SELECT {row} FROM phone_countries WHERE $domain IS NOT NULL ORDER BY code",
	},
	[COUNTRY_GET] = {
		.name = "phone_country_get",
		SUBJECT_KEY,
		COUNTRY,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM phone_countries WHERE code = upper($name)",
	},
	[COUNTRY_ACTIVATE] = {
		.name = "phone_country_activate",
		.in = phone_country_fields,
		.in_size = sizeof(struct phone_country),
		.row = pg_counted_fields,
		.row_size = sizeof(struct counted),
		.rows = PG_ONE,
		.sql = "WITH c AS (UPDATE phone_countries SET activated = $activated"
		       " WHERE country_code = $country_code AND activated <> $activated RETURNING 1)"
		       " SELECT count(*) FROM c",
	},
};

static const struct field code_in_path[] = {
	FIELD_TEXT_AS(subject_key, name, "code", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.doc = "Country, ISO 3166-1", .example = "FR"),
	FIELDS_END,
};

const struct subject phone_country_subject = {
	.name = "country", .path = code_in_path, .find = &phone_countries_stmts[COUNTRY_GET]
};

enum err phone_country_activate(
	struct service *s, const struct phone_country *country, bool activated, int64_t *ret)
{
	struct phone_country wanted = *country;
	struct counted row;

	wanted.activated = activated;
	enum err e =
		pg_one(s->pg, &phone_countries_stmts[COUNTRY_ACTIVATE], NULL, &row, PG_IN(&wanted));

	if (e == ERR_OK)
		*ret = row.count;
	return e;
}
const struct subject phone_countries_all = { .name = "countries",
	.find = &phone_countries_stmts[COUNTRY_LIST] };
