/* api-key: what opens doors besides passwords. */
#include "account_name.h"
#include "ctl_priv.h"

#include "base/syntax.h"
#include "resources/api_keys/api_key.h"
#include "service/refusal.h"
#include "service/transaction.h"

#define NAME_DEFAULT "dialtonectl"

struct key_input {
	const char *username, *domain, *name, *ip;
	int64_t expires_minutes;
};

static const struct field create_fields[] = {
	FIELD_TEXT(key_input, username, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED | FIELD_NFC,
		.doc = "Whose key"),
	FIELD_TEXT(key_input, domain, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED | FIELD_DOMAIN,
		.doc = "Domain of the account"),
	FIELD_TEXT(key_input, name, .in = FIELD_IN_QUERY, .min = API_KEY_NAME_MIN,
		.max = API_KEY_NAME_MAX, .doc = "What it is for"),
	FIELD_INT(key_input, expires_minutes, .in = FIELD_IN_QUERY, .flags = FIELD_FROM_ZERO,
		.max = API_KEY_MINUTES_MAX, .doc = "Ends when unused for so long; 0 is never"),
	FIELD_TEXT(key_input, ip, .in = FIELD_IN_QUERY, .check = address_check,
		.doc = "The only address it works from"),
	FIELDS_END,
};

static const struct field list_input_fields[] = {
	FIELD_TEXT(
		key_input, username, .in = FIELD_IN_PATH, .flags = FIELD_NFC, .doc = "Whose keys"),
	FIELD_TEXT(key_input, domain, .in = FIELD_IN_PATH, .flags = FIELD_DOMAIN,
		.doc = "Domain of the account"),
	FIELDS_END,
};

struct delete_input {
	int64_t id;
};

static const struct field delete_fields[] = {
	FIELD_INT(delete_input, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "As api-key list shows it"),
	FIELDS_END,
};

/* What is printed. */
static const struct field made_fields[] = {
	FIELD_INT(api_key, id),
	FIELD_TEXT(api_key, key),
	FIELDS_END,
};

struct making {
	int64_t account_id;
	struct service_key_input wanted;
	struct api_key made;
};

static enum err make(struct service *s, void *arg)
{
	struct making *m = arg;

	return api_key_create(s, m->account_id, &m->wanted, &m->made);
}

static enum err create(struct ctl *c, const void *input)
{
	const struct key_input *in = input;
	struct making m = { .wanted = { .name = in->name ? in->name : NAME_DEFAULT,
				    .ip = in->ip,
				    .minutes = in->expires_minutes } };
	struct account account;
	enum err e = account_named(c, in->username, in->domain, &account);

	m.account_id = account.id;
	if (e == ERR_OK)
		e = service_change(&c->service, make, &m);
	if (refused_as(&c->service, e, &limit_reached))
		return refuse(c, e, "%s", limit_reached.text);
	if (e != ERR_OK)
		return e;
	if (c->json)
		table_object(c, made_fields, &m.made);
	else
		fprintf(c->out, "%s\n", m.made.key);
	return ERR_OK;
}

static enum err list(struct ctl *c, const void *input)
{
	const struct key_input *in = input;
	struct api_key *keys;
	size_t n;
	enum err e;

	if (in->username && !in->domain)
		return refuse(c, ERR_INVALID, "The domain of %s is missing.", in->username);
	e = api_key_list(&c->service, in->username, in->domain, &keys, &n);
	if (e == ERR_OK)
		table_rows(c, api_key_fields, keys, sizeof(*keys), n);
	return e;
}

static enum err end_key(struct service *s, void *id)
{
	return api_key_delete(s, *(const int64_t *)id);
}

static enum err delete_key(struct ctl *c, const void *input)
{
	const struct delete_input *in = input;
	int64_t id = in->id;
	enum err e = service_change(&c->service, end_key, &id);

	if (e == ERR_NOT_FOUND)
		return refuse(c, e, "There is no such key.");
	if (e == ERR_OK)
		say(c, "The key opens nothing any more.");
	return e;
}

const struct command key_commands[] = {
	{ "api-key create", create_fields, sizeof(struct key_input), NEEDS_RULES | CHANGES, create,
		"Print a new API key of an account, shown only once" },
	{ "api-key list", list_input_fields, sizeof(struct key_input), NEEDS_DATABASE, list,
		"List the API keys of an account, or all" },
	{ "api-key delete", delete_fields, sizeof(struct delete_input), NEEDS_DATABASE | CHANGES,
		delete_key, "End an API key" },
	{ 0 },
};
