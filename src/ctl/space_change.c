/* space show, set, delete: one space that exists. */
#include "ctl_priv.h"

#include <string.h>

#include "base/clock.h"
#include "base/field_check.h"
#include "base/syntax.h"
#include "resources/spaces/record.h"
#include "service/transaction.h"

#define DATE_LENGTH 10
#define NEVER       "never"

struct show_input {
	const char *domain;
};

/* clang-format off */
#define DOMAIN(st)                                                                                  \
	FIELD_TEXT(st, domain, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED | FIELD_DOMAIN,         \
		.doc = "Domain of the space")
/* clang-format on */

static const struct field show_fields[] = { DOMAIN(show_input), FIELDS_END };

struct set_input {
	const char *domain, *setting, *value;
};

static const struct field set_fields[] = {
	DOMAIN(set_input),
	FIELD_TEXT(set_input, setting, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.doc = "What to set, as \"space show\" calls it"),
	FIELD_TEXT(set_input, value, .in = FIELD_IN_PATH, .flags = FIELD_LINES,
		.doc = "A text, a number, true or false; a day or \"never\" of expire_at; nothing "
		       "clears a text"),
	FIELDS_END,
};

struct delete_input {
	const char *domain;
	bool yes;
};

static const struct field delete_fields[] = {
	DOMAIN(delete_input),
	FIELD_BOOL(delete_input, yes, .in = FIELD_IN_QUERY, .doc = "Really"),
	FIELDS_END,
};

/* clang-format off */
static const struct field settable[] = {
	FIELD_TEXT(space_record, host, .flags = FIELD_REQUIRED, .max = SPACE_DOMAIN_MAX,
		.check = host_check),
	FIELD_TEXT(space_record, name, .flags = FIELD_REQUIRED, .max = SPACE_NAME_MAX),
	FIELD_TEXT_AS(space_record, expire_text, "expire_at"),
	FIELD_TEXT_AS(space_record, hue_text, "theme_hue"),
	FIELD_INT(space_record, max_account, .max = INT32_MAX),
	FIELD_INT(space_record, max_accounts, .max = INT32_MAX),
#define X(name, ...) FIELD_TRI(space_record, name),
	SPACE_SWITCHES(X)
	SPACE_MORE_SWITCHES(X)
#undef X
#define X(name, longest, more, ...) FIELD_TEXT(space_record, name, .flags = more, .max = longest),
	SPACE_TEXTS(X)
#undef X
	FIELDS_END,
};
/* clang-format on */

/* A change while it is made. */
struct change {
	struct ctl *ctl;
	const char *domain;
	const struct set_input *set; /* NULL: it is deleted */
	struct field_errors errors;
};

static void set_tri(struct change *m, const struct field *f, void *member)
{
	struct str value = str_from(m->set->value);

	if (str_is(value, "true") || str_is(value, "false"))
		*(enum tri *)member = str_is(value, "true") ? TRI_TRUE : TRI_FALSE;
	else
		field_errors_add(&m->errors, f->name, &text_bool);
}

static void set_int(struct change *m, const struct field *f, void *member)
{
	uint64_t v;

	if (!str_to_uint(str_from(m->set->value), INT64_MAX, &v))
		field_errors_add(&m->errors, f->name, &text_int);
	else if (field_check_int(f, f->name, (int64_t)v, &m->errors))
		*(int64_t *)member = (int64_t)v;
}

static void set_text(struct change *m, const struct field *f, void *member)
{
	const char *value = m->set->value;

	if (!value || !*value) {
		if (f->flags & FIELD_REQUIRED)
			field_errors_add(&m->errors, f->name, &text_required);
		*(const char **)member = NULL;
	} else if (field_check_text(f, f->name, str_from(value), &m->errors)) {
		*(const char **)member =
			strcmp(value, NEVER) == 0 && strcmp(f->name, "expire_at") == 0 ? NULL
										       : value;
	}
}

static enum err set_member(struct change *m, struct space_record *r)
{
	FIELD_FOR_EACH(f, settable) {
		if (strcmp(f->name, m->set->setting) != 0)
			continue;
		void *member = field_member(f, r);

		if (f->type == FIELD_TYPE_TRI)
			set_tri(m, f, member);
		else if (f->type == FIELD_TYPE_INT)
			set_int(m, f, member);
		else
			set_text(m, f, member);
		return m->errors.count ? ERR_INVALID : ERR_OK;
	}
	return refuse(m->ctl, ERR_INVALID,
		"%s cannot be set here; \"space show\" lists what a space has.", m->set->setting);
}

/* As a client would ask for what it is already. */
static struct space_record as_asked(struct arena *arena, const struct space_record *now)
{
	struct space_record r = *now;
	char date[CLOCK_SQL_SIZE];

	if (now->expire_at)
		r.expire_text = arena_strndup(arena, clock_sql(date, now->expire_at), DATE_LENGTH);
	r.hue_text = arena_printf(arena, "%lld", (long long)now->theme_hue);
	r.digest = r.oidc = NULL;
	r.realm = NULL;
	return r;
}

static enum err find(struct ctl *c, const char *domain, struct space_record *ret)
{
	enum err e = space_record_get(&c->service, domain, ret);

	return e == ERR_NOT_FOUND ? refuse(c, e, "There is no space %s.", domain) : e;
}

static enum err make(struct service *s, void *arg)
{
	struct change *m = arg;
	struct space_record now, wanted, changed;
	enum err e;

	field_errors_init(&m->errors, m->ctl->arena);
	s->errors = &m->errors;
	e = find(m->ctl, m->domain, &now);
	if (e != ERR_OK)
		return e;
	if (!m->set)
		return space_delete(s, "", &now);
	wanted = as_asked(m->ctl->arena, &now);
	e = set_member(m, &wanted);
	return e == ERR_OK ? space_update(s, "", &now, &wanted, &changed) : e;
}

static enum err run(struct ctl *c, struct change *m)
{
	enum err e = service_change(&c->service, make, m);

	return m->errors.count ? refuse_fields(c, &m->errors) : e;
}

static enum err show(struct ctl *c, const void *input)
{
	const struct show_input *in = input;
	struct space_record space;
	enum err e = find(c, in->domain, &space);

	if (e == ERR_OK)
		table_object(c, space_record_fields, &space);
	return e;
}

static enum err set(struct ctl *c, const void *input)
{
	const struct set_input *in = input;
	struct change m = { .ctl = c, .domain = in->domain, .set = in };
	enum err e = run(c, &m);

	if (e == ERR_OK)
		say(c, "%s of %s is changed.", in->setting, in->domain);
	return e;
}

static enum err delete (struct ctl *c, const void *input) {
	const struct delete_input *in = input; struct change m = { .ctl = c, .domain = in->domain };
	struct space_record space;
	enum err e = find(c, in->domain, &space);

	if (e == ERR_OK && !in->yes) return refuse(c, ERR_INVALID,
		"The space %s and all its accounts would be gone for good; with --yes they "
		"are.",
		in->domain);
	if (e == ERR_OK) e = run(c, &m);
	if (e == ERR_OK)
		say(c, "The space %s is gone; dialtone-jobs removes its accounts.", in->domain);
	return e;
}

const struct command space_change_commands[] = {
	{ "space show", show_fields, sizeof(struct show_input), NEEDS_DATABASE, show,
		"Show one space" },
	{ "space set", set_fields, sizeof(struct set_input), NEEDS_RULES | CHANGES, set,
		"Change one thing of a space" },
	{ "space delete", delete_fields, sizeof(struct delete_input), NEEDS_RULES | CHANGES, delete,
		"Delete a space with all its accounts" },
	{ 0 },
};
