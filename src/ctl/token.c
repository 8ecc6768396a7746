/* token: what people make accounts with. */
#include "ctl_priv.h"

#include "resources/creation_tokens/creation_token.h"
#include "resources/spaces/fields.h"
#include "service/transaction.h"

struct token_input {
	const char *domain;
};

static const struct field create_fields[] = {
	FIELD_TEXT(token_input, domain, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED | FIELD_DOMAIN,
		.max = SPACE_DOMAIN_MAX, .doc = "SIP domain of the account that it lets be made"),
	FIELDS_END,
};

/* What is printed. */
static const struct field made_fields[] = {
	FIELD_TEXT(creation_token, token),
	FIELD_TIME(creation_token, expire_at),
	FIELDS_END,
};

struct making {
	const char *domain;
	struct creation_token made;
};

static enum err make(struct service *s, void *arg)
{
	struct making *m = arg;

	return creation_token_make(s, m->domain, &m->made);
}

static enum err create(struct ctl *c, const void *input)
{
	const struct token_input *in = input;
	struct making m = { .domain = in->domain };
	enum err e = service_change(&c->service, make, &m);

	if (e == ERR_CONFLICT)
		return refuse(c, ERR_NOT_FOUND, "There is no space %s.", in->domain);
	if (e != ERR_OK)
		return e;
	if (c->json)
		table_object(c, made_fields, &m.made);
	else
		fprintf(c->out, "%s\n", m.made.token);
	return ERR_OK;
}

const struct command token_commands[] = {
	{ "token create", create_fields, sizeof(struct token_input), NEEDS_RULES | CHANGES, create,
		"Print a new account creation token, shown only once" },
	{ 0 },
};
