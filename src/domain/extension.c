#include "domain/extension.h"

#include <string.h>

#include "crypto/random.h"
#include "crypto/seal.h"
#include "store/cti_user_store.h"
#include "store/extension_store.h"

#define SECRET_LENGTH 24
#define NUMBER_MAX    64

enum text_id extension_check(struct str s)
{
	static const char set[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "*#+._-";

	for (size_t i = 0; i < s.n; i++)
		if (!strchr(set, s.p[i]))
			return TEXT_FORMAT;
	return s.n <= NUMBER_MAX ? TEXT_OK : TEXT_FORMAT;
}

const struct str extension_secret_context = { "extension_secret", 16 };

struct extension extension_of_account(const struct cti_user *u)
{
	return (struct extension){ .account_id = u->account_id,
		.exten = u->username,
		.type = "physical",
		.description = u->display_name ? u->display_name : "" };
}

static enum err open_secret(struct domain *d, struct extension *x)
{
	struct str text;

	if (!x->secret_sealed.p)
		return ERR_OK;
	enum err e = unseal(d->keys, x->secret_sealed, extension_secret_context, d->arena, &text);

	if (e == ERR_OK)
		x->secret = arena_strndup(d->arena, text.p, text.n);
	return e;
}

enum err extension_list_own(
	struct domain *d, const struct cti_user *u, struct extension **ret, size_t *ret_count)
{
	enum err e = extension_store_list(d->store, d->arena, u->account_id, ret, ret_count);

	for (size_t i = 0; e == ERR_OK && i < *ret_count; i++)
		e = open_secret(d, &(*ret)[i]);
	if (e == ERR_OK && *ret_count == 0) {
		*ret = arena_alloc(d->arena, sizeof(**ret));
		**ret = extension_of_account(u);
		*ret_count = 1;
	}
	return e;
}

/* An account of another domain does not exist. */
static enum err check_domain(struct domain *d, const char *domain, int64_t account_id)
{
	struct cti_user_change found;

	return cti_user_store_admin_get(d->store, d->arena, domain, account_id, &found);
}

enum err extension_list(struct domain *d, const char *domain, int64_t account_id,
	struct extension **ret, size_t *ret_count)
{
	enum err e = check_domain(d, domain, account_id);

	return e == ERR_OK ? extension_store_list(d->store, d->arena, account_id, ret, ret_count)
			   : e;
}

enum err extension_get(struct domain *d, const char *domain, int64_t account_id, const char *exten,
	struct extension *ret)
{
	enum err e = check_domain(d, domain, account_id);

	return e == ERR_OK ? extension_store_get(d->store, d->arena, account_id, exten, ret) : e;
}

static enum err seal_secret(struct domain *d, const char *secret, struct extension *x)
{
	return seal(
		d->keys, str_from(secret), extension_secret_context, d->arena, &x->secret_sealed);
}

static struct extension row_of(const struct extension_input *in)
{
	struct extension x = { .account_id = in->account_id,
		.exten = in->exten,
		.type = in->type,
		.description = in->description,
		.proxy_port = in->proxy_port };

	if (!extension_is_physical(in->type))
		x.username = in->username ? in->username : in->exten;
	return x;
}

enum err extension_create(struct domain *d, const char *domain, const struct extension_input *in,
	struct field_errors *errors)
{
	struct extension x = row_of(in);
	enum err e = ERR_OK;

	if (!extension_is_physical(in->type))
		e = seal_secret(
			d, in->secret ? in->secret : random_token(d->arena, SECRET_LENGTH), &x);
	if (e == ERR_OK)
		e = extension_store_insert(d->store, domain, &x);
	if (e != ERR_CONFLICT)
		return e;
	field_errors_add(errors, "exten", TEXT_TAKEN);
	return ERR_INVALID;
}

enum err extension_update(struct domain *d, const char *domain, const struct extension_input *in,
	struct field_errors *errors)
{
	struct extension x = row_of(in), now;
	enum err e = extension_store_get(d->store, d->arena, in->account_id, in->exten, &now);

	if (e != ERR_OK)
		return e;
	if (!in->secret && !extension_is_physical(in->type) && !now.secret_sealed.p) {
		field_errors_add(errors, "secret", TEXT_REQUIRED);
		return ERR_INVALID;
	}
	if (in->secret && !extension_is_physical(in->type))
		e = seal_secret(d, in->secret, &x);
	return e == ERR_OK ? extension_store_update(d->store, domain, &x) : e;
}

enum err extension_delete(
	struct domain *d, const char *domain, int64_t account_id, const char *exten)
{
	return extension_store_delete(d->store, domain, account_id, exten);
}
