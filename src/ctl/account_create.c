/* admin create, account create: people with a password. */
#include "ctl_priv.h"

#include "base/syntax.h"
#include "phone/phone.h"
#include "resources/accounts/account.h"
#include "resources/api_keys/api_key.h"
#include "resources/spaces/space.h"
#include "service/transaction.h"

#define KEY_NAME "dialtonectl"

struct new_input {
	const char *username, *domain, *password;
	const char *email, *phone, *display_name;
	bool replace, api_key;
};

/* clang-format off */
#define NEW_FIELDS                                                                                  \
	FIELD_TEXT(new_input, username, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED | FIELD_NFC,               \
		.max = ACCOUNT_USERNAME_MAX, .check = lowercase_check, .doc = "Local part"),         \
	FIELD_TEXT(new_input, domain, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED | FIELD_DOMAIN,                 \
		.max = SPACE_DOMAIN_MAX, .check = domain_check, .doc = "Domain of a space"),      \
	FIELD_TEXT(new_input, email, .in = FIELD_IN_QUERY, .max = ACCOUNT_EMAIL_MAX,                        \
		.check = email_check, .doc = "E-mail address"),                             \
	FIELD_TEXT(new_input, phone, .in = FIELD_IN_QUERY, .check = phone_number_check,            \
		.doc = "Phone number, E.164"),                                                      \
	FIELD_TEXT(new_input, display_name, .in = FIELD_IN_QUERY, .max = ACCOUNT_DISPLAY_NAME_MAX,                  \
		.doc = "Name shown to people"),                                                     \
	FIELD_BOOL(new_input, replace, .in = FIELD_IN_QUERY,                                        \
		.doc = "Give the account of this name the password, if there is one"),              \
	FIELD_TEXT(new_input, password, .in = FIELD_IN_BODY, .max = ACCOUNT_PASSWORD_MAX,                   \
		.flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_RAW, .doc = "Password")
/* clang-format on */

static const struct field account_input_fields[] = { NEW_FIELDS, FIELDS_END };
static const struct field admin_input_fields[] = {
	NEW_FIELDS,
	FIELD_BOOL(new_input, api_key, .in = FIELD_IN_QUERY,
		.doc = "Print a key that never expires and works from any address"),
	FIELDS_END,
};

/* What is printed. */
struct made {
	int64_t id;
	const char *username, *domain;
	bool admin;
	const char *api_key;
};

static const struct field made_fields[] = {
	FIELD_INT(made, id),
	FIELD_TEXT(made, username),
	FIELD_TEXT(made, domain),
	FIELD_BOOL(made, admin),
	FIELD_TEXT(made, api_key, .flags = FIELD_OMIT_NULL),
	FIELDS_END,
};

/* One attempt's parts. */
struct making {
	struct ctl *ctl;
	const struct new_input *in;
	bool admin;
	struct account_caller by;
	struct field_errors errors;
	struct made made;
};

static const char *first_of(const char *given, const char *kept)
{
	return given ? given : kept;
}

/* The account keeps what was not given: an update replaces all of it. */
static enum err change(
	struct ctl *c, struct making *m, const struct account *now, struct account *ret)
{
	const struct new_input *in = m->in;
	const struct account_input wanted = {
		.username = in->username,
		.password = in->password,
		.email = first_of(in->email, now->email),
		.phone = first_of(in->phone, now->phone),
		.display_name = first_of(in->display_name, now->display_name),
		.dtmf_protocol = now->dtmf_protocol,
		.activated = TRI_TRUE,
		.blocked = TRI_FALSE,
		.admin = m->admin ? TRI_TRUE : TRI_UNSET,
	};
	return account_update(&c->service, &m->by, now, &wanted, ret);
}

static enum err create(struct ctl *c, struct making *m, struct account *ret)
{
	const struct new_input *in = m->in;
	const struct account_input wanted = {
		.username = in->username,
		.password = in->password,
		.email = in->email,
		.phone = in->phone,
		.display_name = in->display_name,
		.activated = TRI_TRUE,
		.admin = m->admin ? TRI_TRUE : TRI_FALSE,
	};
	return account_create(&c->service, &m->by, &wanted, ret);
}

/* Inside the transaction. */
static enum err make(struct ctl *c, struct making *m, struct made *ret)
{
	struct account now, account;
	struct api_key key;
	enum err e = account_find(
		&c->service, m->in->domain, ACCOUNT_BY_USERNAME, m->in->username, &now);

	if (e == ERR_OK && !m->in->replace)
		return refuse(c, ERR_CONFLICT, "%s@%s exists; --replace changes it.",
			m->in->username, m->in->domain);
	if (e == ERR_OK)
		e = change(c, m, &now, &account);
	else if (e == ERR_NOT_FOUND)
		e = create(c, m, &account);
	if (e != ERR_OK)
		return e;
	*ret = (struct made){ .id = account.id,
		.username = account.username,
		.domain = account.domain,
		.admin = account.admin };
	if (!m->in->api_key)
		return ERR_OK;
	e = api_key_create(
		&c->service, account.id, &(struct service_key_input){ .name = KEY_NAME }, &key);
	if (e == ERR_OK)
		ret->api_key = key.key;
	return e;
}

static enum err make_or_change(struct service *s, void *arg)
{
	struct making *m = arg;

	field_errors_init(&m->errors, m->ctl->arena);
	s->errors = &m->errors;
	return make(m->ctl, m, &m->made);
}

static enum err run(struct ctl *c, const struct new_input *in, bool admin)
{
	struct making m = { .ctl = c, .in = in, .admin = admin };
	enum err e = space_by_domain(&c->service, in->domain, &m.by.space);

	if (e == ERR_OK && !m.by.space)
		return refuse(
			c, ERR_NOT_FOUND, "There is no space with the domain %s.", in->domain);
	if (e == ERR_OK)
		e = service_change(&c->service, make_or_change, &m);
	if (m.errors.count)
		return refuse_fields(c, &m.errors);
	if (e != ERR_OK)
		return e;
	if (in->api_key && !c->json)
		fprintf(c->out, "%s\n", m.made.api_key);
	else
		table_object(c, made_fields, &m.made);
	return ERR_OK;
}

static enum err admin_create(struct ctl *c, const void *input)
{
	return run(c, input, true);
}

static enum err account_new(struct ctl *c, const void *input)
{
	return run(c, input, false);
}

const struct command account_create_commands[] = {
	{ "admin create", admin_input_fields, sizeof(struct new_input), NEEDS_RULES | CHANGES,
		admin_create, "Create an administrator; --api-key prints a key, shown only once" },
	{ "account create", account_input_fields, sizeof(struct new_input), NEEDS_RULES | CHANGES,
		account_new, "Create an activated account" },
	{ 0 },
};
