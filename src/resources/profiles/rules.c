#include "resources/profiles/profile.h"

#include "permissions/capability.h"

#include "service/constraint.h"
#include "profiles_priv.h"

enum err profile_list(struct service *s, const char *domain, struct rows *ret)
{
	struct profile *items;
	enum err e = profile_store_list(s, domain, &items, &ret->n);

	ret->items = items;
	return e;
}

enum err profile_get(struct service *s, const char *domain, int64_t id, struct profile *ret)
{
	return profile_store_get(s, domain, id, ret);
}

enum err profile_delete(struct service *s, const char *domain, const struct profile *p)
{
	return profile_store_delete(s, domain, p->id);
}

static struct profile completed(const struct profile *in)
{
	struct profile p = *in;

	if (!p.macro_permissions)
		p.macro_permissions = "{}";
	if (!p.outbound_routes_permissions)
		p.outbound_routes_permissions = "[]";
	return p;
}

static const struct constraint_text refusals[] = {
	{ "profiles_name_key", "name", TEXT_TAKEN },
	{ "profiles_default_key", "is_default", TEXT_TAKEN },
	{ "profiles_macros_check", "macro_permissions", TEXT_FORMAT },
	{ "profiles_routes_check", "outbound_routes_permissions", TEXT_FORMAT },
	{ NULL },
};

enum err profile_create(
	struct service *s, const char *domain, const struct profile *in, struct profile *ret)
{
	struct profile p = completed(in);
	int64_t id;
	enum err e = as_field(s, profile_store_insert(s, domain, &p, &id), refusals);

	return e == ERR_OK ? profile_store_get(s, domain, id, ret) : e;
}

enum err profile_update(struct service *s, const char *domain, const struct profile *now,
	const struct profile *in, struct profile *ret)
{
	struct profile p = completed(in);

	p.id = now->id;
	enum err e = as_field(s, profile_store_update(s, domain, &p), refusals);

	return e == ERR_OK ? profile_store_get(s, domain, p.id, ret) : e;
}

enum err account_may(struct service *s, int64_t account_id, const char *capability)
{
	struct profile_grants grants;
	enum err e = permissions_of(s, account_id, &grants);

	if (e == ERR_OK && !capability_has(grants.capabilities, capability))
		return ERR_CAPABILITY_MISSING;
	return e;
}
