/* Who changed what (accounts-api II.21). */
#include "http/ctx.h"
#include "http/paging.h"
#include "resources/audit/audit.h"
#include "service/caller.h"

struct audit_input {
	const char *page;
	struct audit_query q;
};

static const struct field input_fields[] = {
	PAGING_FIELD(audit_input),
	FIELD_TEXT_AS(audit_input, q.object, "object", .in = FIELD_IN_QUERY,
		.max = AUDIT_FILTER_MAX,
		.doc = "Only changes of this object and its parts, or of this part",
		.example = "account:alice@sip.example.org"),
	FIELD_TEXT_AS(audit_input, q.actor, "actor", .in = FIELD_IN_QUERY, .max = AUDIT_FILTER_MAX,
		.doc = "Only what this account or user has done",
		.example = "admin@sip.example.org"),
	FIELD_TIME_AS(audit_input, q.from, "from", .in = FIELD_IN_QUERY,
		.doc = "Not before; ISO 8601, UTC unless it says otherwise"),
	FIELD_TIME_AS(audit_input, q.to, "to", .in = FIELD_IN_QUERY,
		.doc = "Not after; ISO 8601, UTC unless it says otherwise"),
	FIELDS_END,
};
static const struct shape input_shape = { "AuditQuery", input_fields, sizeof(struct audit_input) };

static enum err audit_show(struct ctx *c)
{
	const struct audit_input *in = c->in;
	struct audit_query q = in->q;

	q.domain = c->caller->space->domain;
	return audit_page(c->service, &q, c->key->page, c->out);
}

const struct endpoint audit_endpoints[] = {
	{ GET("/api/audit"), .auth = AUTH_ADMIN, .tag = "Audit trail", .in = &input_shape,
		.result = RESULT_PAGE, .out = &audit_record_shape, .exchanges = 2,
		HANDLE(audit_show),
		.summary = "Read who changed what in the space, the newest first",
		.text = "Of what the filters find the newest 10,000 are looked at and counted; "
			"`to` "
			"leads to what is older. Names of fields, never what they say." },
	ENDPOINTS_END,
};
