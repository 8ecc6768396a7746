#include "resources/extensions/extension.h"

#include <string.h>

#include "crypto/random.h"
#include "crypto/seal.h"
#include "extensions_priv.h"
#include "resources/accounts/policy.h"
#include "resources/spaces/space.h"
#include "service/refusal.h"

#define SECRET_LENGTH 24

const struct str extension_secret_context = { "extension_secret", 16 };

struct extension extension_of_account(
	int64_t account_id, const char *username, const char *display_name)
{
	return (struct extension){ .account_id = account_id,
		.exten = username,
		.type = "physical",
		.description = display_name ? display_name : "" };
}

/* One that no key opens is like none. */
static enum err open_secret(struct service *s, struct extension *x)
{
	struct str text;

	if (!x->secret_sealed.p)
		return ERR_OK;
	enum err e = unseal(s->keys, x->secret_sealed, extension_secret_context, s->arena, &text);

	if (e == ERR_OK)
		x->secret = arena_strndup(s->arena, text.p, text.n);
	x->secret_is_lost = e == ERR_GONE;
	return x->secret_is_lost ? ERR_OK : e;
}

enum err extension_open_own(struct service *s, int64_t account_id, const char *username,
	const char *display_name, struct rows *list)
{
	struct extension *items = list->items;
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < list->n; i++)
		e = open_secret(s, &items[i]);
	if (e == ERR_OK && list->n == 0) {
		items = arena_alloc(s->arena, sizeof(*items));
		*items = extension_of_account(account_id, username, display_name);
		*list = (struct rows){ items, 1 };
	}
	return e;
}

enum err extension_list_own(struct service *s, int64_t account_id, const char *username,
	const char *display_name, struct extension **ret, size_t *ret_count)
{
	struct extension *items;
	struct rows list;
	enum err e = extension_store_list(s, account_id, &items, &list.n);

	list.items = items;
	if (e == ERR_OK)
		e = extension_open_own(s, account_id, username, display_name, &list);
	if (e != ERR_OK)
		return e;
	*ret = list.items;
	*ret_count = list.n;
	return ERR_OK;
}

/* What the SIP server checks, by the rules for passwords of accounts. */
static enum err hash_secret(
	struct service *s, const char *domain, const char *secret, struct extension *x)
{
	const struct space *space = NULL;
	struct account_ha1 made;
	enum err e = space_by_domain(s, domain, &space);

	if (e == ERR_OK && !space)
		e = ERR_NOT_FOUND;
	if (e != ERR_OK)
		return e;
	account_password_hash(s, space, x->username, secret, NULL, &made);
	bool md5 = strcmp(made.algorithm, "MD5") == 0;

	x->ha1_md5 = md5 ? made.ha1 : made.other_ha1;
	x->ha1_sha256 = md5 ? made.other_ha1 : made.ha1;
	return ERR_OK;
}

static enum err set_secret(
	struct service *s, const char *domain, const char *secret, struct extension *x)
{
	enum err e = seal(
		s->keys, str_from(secret), extension_secret_context, s->arena, &x->secret_sealed);

	return e == ERR_OK ? hash_secret(s, domain, secret, x) : e;
}

/* The name may be another one. A secret that no key opens opens no door. */
static enum err keep_secret(struct service *s, const struct extension *now, struct extension *x)
{
	struct extension opened = *now;
	enum err e = open_secret(s, &opened);

	return e == ERR_OK && opened.secret ? hash_secret(s, now->domain, opened.secret, x) : e;
}

static struct extension row_of(
	int64_t account_id, const char *exten, const struct extension_input *in)
{
	struct extension x = { .account_id = account_id,
		.exten = exten,
		.type = in->type,
		.description = in->description,
		.proxy_port = in->proxy_port };

	if (!extension_is_physical(in->type))
		x.username = in->username ? in->username : exten;
	return x;
}

enum err extension_create(struct service *s, const struct account *a,
	const struct extension_input *in, struct extension *ret)
{
	struct extension x = row_of(a->id, in->exten, in);
	enum err e = ERR_OK;

	if (!extension_is_physical(in->type))
		e = set_secret(s, a->domain,
			in->secret ? in->secret : random_token(s->arena, SECRET_LENGTH), &x);
	if (e == ERR_OK)
		e = extension_store_insert(s, a->domain, &x);
	if (e == ERR_LIMIT)
		return refused(s, &limit_reached);
	if (e == ERR_CONFLICT) {
		field_errors_add(s->errors, "exten", &text_taken);
		return ERR_INVALID;
	}
	return e == ERR_OK ? extension_store_get(s, x.account_id, x.exten, ret) : e;
}

enum err extension_update(struct service *s, const struct extension *now,
	const struct extension_input *in, struct extension *ret)
{
	struct extension x = row_of(now->account_id, now->exten, in);
	enum err e = ERR_OK;

	if (!in->secret && !extension_is_physical(in->type) && !now->secret_sealed.p) {
		field_errors_add(s->errors, "secret", &text_required);
		return ERR_INVALID;
	}
	if (!extension_is_physical(in->type))
		e = in->secret ? set_secret(s, now->domain, in->secret, &x)
			       : keep_secret(s, now, &x);
	if (e == ERR_OK)
		e = extension_store_update(s, &x);
	return e == ERR_OK ? extension_store_get(s, x.account_id, x.exten, ret) : e;
}

enum err extension_delete(struct service *s, const struct extension *x)
{
	return extension_store_delete(s, x->account_id, x->exten);
}
