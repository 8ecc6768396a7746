#include "service/audit.h"

#include <string.h>

#include "base/log.h"
#include "pg/pg.h"

enum { AUDIT_ADD, AUDIT_STMTS };

/* Whether there is something to tell: triggers have seen a row change; the transaction has a number, as it has
 * written something; in any case. */
enum when { WHEN_NOTICED = 1, WHEN_WRITTEN, WHEN_EVER };
#define IF_NOTICED "1"
#define IF_WRITTEN "2"

const struct stmt service_audit_stmts[AUDIT_STMTS + 1] = {
	[AUDIT_ADD] = {
		.name = "audit_add",
		.params = { PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_INT,
			PG_TEXT, PG_TEXTS, PG_INT },
		.rows = PG_NONE,
		.sql = "INSERT INTO audit"
		       " (domain, actor, door, ip, request_id, action, object, part, fields)"
		       " SELECT coalesce(a.domain, $1), $2, $3, $4, $5, $6,"
		       "  coalesce('account:' || a.username || '@' || a.domain, $7), $9, $10"
		       " FROM (SELECT $8 AS id) o LEFT JOIN accounts a ON a.id = o.id WHERE CASE $11 WHEN " IF_NOTICED
		       "  THEN current_setting('dialtone.changed', true) = 'yes'"
		       "  WHEN " IF_WRITTEN " THEN pg_current_xact_id_if_assigned() IS NOT NULL"
		       "  ELSE true END",
	},
};

void audit_about(struct service *s, const char *username, const char *domain)
{
	s->about.username = username;
	s->about.domain = domain;
}

void audit_about_id(struct service *s, int64_t account_id)
{
	s->about.account_id = account_id;
}

void audit_made(struct service *s, const char *name)
{
	s->about.made = name;
}

/* What rules have said of the object wins. */
static void apply_about(struct service *s, struct audit_entry *e)
{
	const struct audit_about *about = &s->about;

	if (about->username) {
		e->domain = about->domain;
		e->object = arena_printf(s->arena, "account:%s@%s", about->username, about->domain);
		e->account_id = 0;
	} else if (about->account_id) {
		e->account_id = about->account_id;
	}
}

/* An index holds no more than some of these; never half a character. */
static struct pg_value bounded(struct arena *arena, const char *text)
{
	struct str s = str_from(text);

	if (s.n <= AUDIT_TEXT_MAX)
		return pg_text(text);
	for (s.n = AUDIT_TEXT_MAX; (s.p[s.n] & 0xc0) == 0x80; s.n--)
		;
	return pg_text(arena_strndup(arena, s.p, s.n));
}

static struct pg_call *call_of(struct service *s, enum when when)
{
	struct audit_entry e = { .domain = "" };
	struct pg_call *call = arena_alloc(s->arena, sizeof(*call));

	s->trail(s->trail_ctx, &e);
	apply_about(s, &e);
	const struct pg_value values[] = { pg_text(e.domain), bounded(s->arena, e.actor),
		pg_text(e.door), pg_text(e.ip), pg_text(log_request_id()), pg_text(e.action),
		bounded(s->arena, e.object), pg_int(e.account_id), bounded(s->arena, e.part),
		pg_texts(e.fields, e.fields_n),
		pg_int(when == WHEN_WRITTEN && e.at_once ? WHEN_NOTICED : when) };
	void *kept = arena_alloc(s->arena, sizeof(values));

	memcpy(kept, values, sizeof(values));
	*call = (struct pg_call){ .stmt = &service_audit_stmts[AUDIT_ADD],
		.values = kept,
		.n = sizeof(values) / sizeof(values[0]) };
	return call;
}

const struct pg_call *audit_call(void *service)
{
	return call_of(service, WHEN_WRITTEN);
}

enum err audit_note(struct service *s)
{
	return s->trail ? pg_together(s->pg, call_of(s, WHEN_EVER), 1) : ERR_OK;
}
