#include "resources/profiles/profile.h"

#include "permissions/capability.h"

#include "service/constraint.h"
#include "service/refusal.h"
#include "profiles_priv.h"

enum err profile_get(struct service *s, const char *domain, int64_t id, struct profile *ret)
{
	return profile_store_get(s, domain, id, ret);
}

enum err profile_delete(struct service *s, const char *domain, const struct profile *p)
{
	return profile_store_delete(s, domain, p->id);
}

/* A profile to be stored, and what it grants. */
struct completed {
	struct profile profile;
	struct capability_list grants;
};

static enum err complete(struct service *s, const struct profile *in, struct completed *ret)
{
	struct profile *p = &ret->profile;

	*p = *in;
	p->macro_permissions =
		macros_keyed(in->macro_permissions ? in->macro_permissions : "{}", s->arena);
	if (!p->outbound_routes_permissions)
		p->outbound_routes_permissions = "[]";
	if (!macros_are_valid(p->macro_permissions)) {
		field_errors_add(s->errors, "macro_permissions", &text_format);
		return ERR_INVALID;
	}
	ret->grants = macros_capabilities(p->macro_permissions, s->arena);
	return ERR_OK;
}

static const struct constraint_text refusals[] = {
	{ "profiles_name_key", "name", &text_taken },
	{ "profiles_default_key", "is_default", &text_taken },
	{ "profiles_routes_check", "outbound_routes_permissions", &text_format },
	{ NULL },
};

static enum err stored(struct service *s, enum err e)
{
	return e == ERR_LIMIT ? refused(s, &limit_reached) : as_field(s, e, refusals);
}

enum err profile_create(
	struct service *s, const char *domain, const struct profile *in, struct profile *ret)
{
	struct completed made;
	int64_t id;
	enum err e = complete(s, in, &made);

	if (e == ERR_OK)
		e = stored(s, profile_store_insert(s, domain, &made.profile, &made.grants, &id));
	return e == ERR_OK ? profile_store_get(s, domain, id, ret) : e;
}

enum err profile_update(struct service *s, const char *domain, const struct profile *now,
	const struct profile *in, struct profile *ret)
{
	struct completed changed;
	enum err e = complete(s, in, &changed);

	changed.profile.id = now->id;
	if (e == ERR_OK)
		e = stored(s, profile_store_update(s, domain, &changed.profile, &changed.grants));
	return e == ERR_OK ? profile_store_get(s, domain, now->id, ret) : e;
}

const struct refusal capability_missing = { 403, "capability_missing",
	UNTRANSLATED("forbidden: missing capability") };

enum err grants_include(
	struct service *s, const struct profile_grants *grants, const char *capability)
{
	return capability_has(grants->capabilities, capability) ? ERR_OK
								: refused(s, &capability_missing);
}
