/* space: tenants, each with one SIP domain and one HTTP host. */
#include "ctl_priv.h"

#include "base/syntax.h"
#include "resources/spaces/space.h"
#include "service/transaction.h"

struct space_input {
	const char *domain, *host, *name;
	bool super;
};

static const struct field input_fields[] = {
	FIELD_TEXT(space_input, domain, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED | FIELD_DOMAIN,
		.max = SPACE_DOMAIN_MAX, .check = domain_check, .doc = "SIP domain"),
	FIELD_TEXT(space_input, host, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED | FIELD_DOMAIN,
		.max = SPACE_DOMAIN_MAX, .check = host_check, .doc = "HTTP host"),
	FIELD_TEXT(space_input, name, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.max = SPACE_NAME_MAX, .doc = "What people call it"),
	FIELD_BOOL(space_input, super, .in = FIELD_IN_QUERY,
		.doc = "Its administrators administer all spaces"),
	FIELDS_END,
};

static const struct field list_fields[] = {
	FIELD_INT(space, id),
	FIELD_TEXT(space, domain),
	FIELD_TEXT(space, host),
	FIELD_TEXT(space, name),
	FIELD_BOOL(space, super),
	FIELD_BOOL(space, expired),
	FIELD_INT(space, max_accounts),
	FIELDS_END,
};

static enum err put(struct service *s, void *input)
{
	const struct space_input *in = input;
	int64_t id;

	return space_put(s, in->domain, in->host, in->name, in->super, &id);
}

static enum err create(struct ctl *c, const void *input)
{
	const struct space_input *in = input;
	struct space_input wanted = *in;
	enum err e = service_change(&c->service, put, &wanted);

	if (e == ERR_CONFLICT)
		return refuse(c, e, "Another space has this host or this name.");
	if (e == ERR_OK)
		say(c, "The space %s is served on %s.", in->domain, in->host);
	return e;
}

static enum err list(struct ctl *c, const void *input)
{
	struct space *spaces;
	size_t n;
	enum err e = space_list(&c->service, c->arena, &spaces, &n);

	(void)input;
	if (e == ERR_OK)
		table_rows(c, list_fields, spaces, sizeof(*spaces), n);
	return e;
}

const struct command space_commands[] = {
	{ "space create", input_fields, sizeof(struct space_input), NEEDS_DATABASE | CHANGES,
		create,
		"Create a space, or change host, name and super flag of the one with this domain" },
	{ "space list", NULL, 0, NEEDS_DATABASE, list, "List all spaces" },
	{ 0 },
};
