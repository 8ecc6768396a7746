#include "domain/profile.h"

#include <string.h>

#include "store/profile_store.h"

enum err profile_list(struct domain *d, const char *domain, struct profile **ret, size_t *ret_count)
{
	return profile_store_list(d->store, d->arena, domain, ret, ret_count);
}

enum err profile_get(struct domain *d, const char *domain, int64_t id, struct profile *ret)
{
	return profile_store_get(d->store, d->arena, domain, id, ret);
}

enum err profile_delete(struct domain *d, const char *domain, int64_t id)
{
	return profile_store_delete(d->store, domain, id);
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

/* What the database refused, as the field it is about. */
static enum err refused(struct domain *d, enum err e, struct field_errors *errors)
{
	static const struct {
		const char *constraint, *field;
		enum text_id text;
	} rules[] = {
		{ "profiles_name_key", "name", TEXT_TAKEN },
		{ "profiles_default_key", "is_default", TEXT_TAKEN },
		{ "profiles_macros_check", "macro_permissions", TEXT_FORMAT },
		{ "profiles_routes_check", "outbound_routes_permissions", TEXT_FORMAT },
	};

	if (e != ERR_CONFLICT && e != ERR_INVALID)
		return e;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(store_constraint(d->store), rules[i].constraint) == 0)
			field_errors_add(errors, rules[i].field, rules[i].text);
	return errors->count ? ERR_INVALID : e;
}

enum err profile_create(struct domain *d, const char *domain, const struct profile *in,
	struct field_errors *errors, struct profile *ret)
{
	struct profile p = completed(in);
	int64_t id;
	enum err e = refused(d, profile_store_insert(d->store, domain, &p, &id), errors);

	return e == ERR_OK ? profile_store_get(d->store, d->arena, domain, id, ret) : e;
}

enum err profile_update(struct domain *d, const char *domain, const struct profile *in,
	struct field_errors *errors, struct profile *ret)
{
	struct profile p = completed(in);
	enum err e = refused(d, profile_store_update(d->store, domain, &p), errors);

	return e == ERR_OK ? profile_store_get(d->store, d->arena, domain, in->id, ret) : e;
}
