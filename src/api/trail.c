/*
 * What the audit trail says of a request (service/audit.h), from its row: a new endpoint is in the trail by being there.
 *
 *   POST /api/accounts/{id}/extensions       account:alice@sip.example.org, extensions/201
 *   PUT /api/contacts_lists/{id}             contacts_list:7
 *   DELETE /api/accounts/me/vcards-storage/{uuid}   the caller's account, vcards-storage/urn:uuid:...
 *   POST /api/profiles                       profile:3, of the answer
 */
#include "api_priv.h"

#include <inttypes.h>
#include <string.h>

#include "pg/pg.h"
#include "resources/spaces/fields.h"
#include "service/audit.h"

#define ACCOUNTS "accounts"

static const char *door_of(const struct identity *who)
{
	static const struct {
		enum identity_method method;
		const char *name;
	} doors[] = { { IDENTITY_KEY, "key" }, { IDENTITY_DIGEST, "digest" },
		{ IDENTITY_JWT, "jwt" }, { IDENTITY_HMAC, "hmac" },
		{ IDENTITY_CERTIFICATE, "certificate" } };

	if (who->from_provider)
		return "provider";
	for (size_t i = 0; i < sizeof(doors) / sizeof(doors[0]); i++)
		if (doors[i].method == who->method)
			return doors[i].name;
	return "none";
}

static const struct field *field_named(const struct field *fields, struct str name)
{
	for (const struct field *f = fields; f && f->type; f++)
		if (str_is(name, f->name))
			return f;
	return NULL;
}

/* Of a text or a number; NULL: it says nothing. */
static const char *value_text(struct arena *arena, const struct field *f, const void *object)
{
	const void *member = f && object ? field_value(f, object) : NULL;

	if (!member || f->flags & FIELD_SECRET)
		return NULL;
	if (f->type == FIELD_TYPE_TEXT)
		return *(const char *const *)member;
	if (f->type == FIELD_TYPE_INT && *(const int64_t *)member)
		return arena_printf(arena, "%" PRId64, *(const int64_t *)member);
	return NULL;
}

/* Of a variable of the path, "{id}"; what is secret is not told. */
static const char *variable_text(const struct ctx *c, struct str variable)
{
	const struct endpoint *row = c->endpoint;
	const struct str name = { variable.p + 1, variable.n - 2 };
	const struct field *f = row->subject ? field_named(row->subject->path, name) : NULL;

	if (f)
		return value_text(c->arena, f, c->key);
	f = row->in ? field_named(row->in->fields, name) : NULL;
	return f && f->in == FIELD_IN_PATH ? value_text(c->arena, f, c->in) : NULL;
}

static const char *made_text(const struct ctx *c, const char *name)
{
	const struct shape *out = c->endpoint->out;

	if (!out || endpoint_result(c->endpoint) != RESULT_OBJECT)
		return NULL;
	return value_text(c->arena, field_named(out->fields, str_from(name)), c->out);
}

/* What was made in the collection of that name, as the rule has said or the answer calls it. */
static const char *name_of_made(const struct ctx *c, struct str collection)
{
	static const char *const names[] = { "exten", "id", NULL };
	const char *name = c->service->about.made;
	bool many = collection.n && collection.p[collection.n - 1] == 's';

	if (c->endpoint->method != METHOD_POST)
		return NULL;
	for (size_t i = 0; names[i] && !name && many; i++)
		name = made_text(c, names[i]);
	return name;
}

static bool is_variable(struct str segment)
{
	return segment.n > 2 && segment.p[0] == '{';
}

/* "extensions/201" of what lies below the object, in `rest` of the row's path. */
static const char *part_of(const struct ctx *c, struct str rest)
{
	const char *part = NULL;

	while (rest.p) {
		struct str word = str_split(&rest, '/'), before = rest;
		struct str next = rest.p ? str_split(&before, '/') : (struct str){ 0 };
		const char *value = is_variable(next) ? variable_text(c, next)
				    : !rest.p         ? name_of_made(c, word)
						      : NULL;

		if (value && !is_variable(word))
			part = arena_printf(c->arena, "%s%s%.*s/%s", part ? part : "",
				part ? "/" : "", (int)word.n, word.p, value);
	}
	return part;
}

/* "contacts_list" of "contacts_lists". */
static const char *singular(struct arena *arena, struct str word)
{
	bool ies = word.n > 3 && memcmp(word.p + word.n - 3, "ies", 3) == 0;
	bool s = word.n > 1 && word.p[word.n - 1] == 's';

	return arena_printf(arena, "%.*s%s",
		(int)(word.n - (ies        ? 3u
				       : s ? 1u
					   : 0u)),
		word.p, ies ? "y" : "");
}

static const char *address(struct arena *arena, const char *username, const char *domain)
{
	return arena_printf(arena, "%s@%s", username, domain);
}

/* The row's subject where that is an account: it may be gone when the row is written. */
static void about_subject(const struct ctx *c, struct audit_entry *ret)
{
	const struct subject *subject = c->endpoint->subject;
	const struct field *fields = subject->find->row;
	const char *user = value_text(c->arena, field_named(fields, STR("username")), c->subject);
	const char *domain = value_text(c->arena, field_named(fields, STR("domain")), c->subject);

	if (strcmp(subject->name, "account") != 0 || !user || !domain) {
		ret->account_id = c->key->id;
		return;
	}
	ret->domain = domain;
	ret->object = arena_printf(c->arena, "account:%s", address(c->arena, user, domain));
}

/* "space:sip.example.org": that is in the trail of that space. */
static void about_thing(
	const struct ctx *c, struct str word, struct str variable, struct audit_entry *ret)
{
	const char *kind = singular(c->arena, word);
	bool is_space = strcmp(kind, "space") == 0;
	const char *name = is_variable(variable) ? variable_text(c, variable)
			   : is_space            ? made_text(c, "domain")
						 : name_of_made(c, word);

	ret->object = name ? arena_printf(c->arena, "%s:%s", kind, name) : kind;
	if (is_space && name)
		ret->domain = name;
}

static void about_caller(const struct ctx *c, struct audit_entry *ret)
{
	ret->domain = c->caller->identity.domain;
	ret->object = arena_printf(c->arena, "account:%s", ret->actor);
}

/* The first words of the path say what it is about. */
static void fill_object(const struct ctx *c, struct audit_entry *ret)
{
	struct str rest = str_from(c->endpoint->path + 1);

	str_cut_prefix(&rest, "api/");
	struct str all = rest, word = str_split(&rest, '/'), below = rest;
	struct str next = rest.p ? str_split(&below, '/') : (struct str){ 0 };

	if (c->endpoint->auth == AUTH_USER) {
		about_caller(c, ret);
		ret->part = part_of(c, str_is(next, "me") ? below : all);
		return;
	}
	if (str_is(word, ACCOUNTS) && is_variable(next))
		about_subject(c, ret);
	else if (!str_is(word, ACCOUNTS))
		about_thing(c, word, next, ret);
	ret->part = part_of(c, is_variable(next) ? below : (struct str){ 0 });
}

void trail_fill(void *ctx, struct audit_entry *ret)
{
	struct ctx *c = ctx;
	const struct identity *who = &c->caller->identity;

	ret->domain = c->caller->space ? c->caller->space->domain : "";
	if (who->method != IDENTITY_NONE)
		ret->actor = address(c->arena, who->username, who->domain);
	ret->door = door_of(who);
	ret->ip = c->service->client.ip;
	ret->action = c->endpoint->name;
	ret->at_once = c->endpoint->flags & ROW_AT_ONCE;
	fill_object(c, ret);
	trail_fields(c, ret);
}
