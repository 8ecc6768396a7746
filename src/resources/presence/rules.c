#include "resources/presence/presence.h"

#include <string.h>

#include "permissions/capability.h"
#include "presence_priv.h"
#include "resources/profiles/profile.h"
#include "service/refusal.h"

static const struct presence_row {
	const char *name, *needs; /* needs NULL: everybody may */
	bool only_now, forwards;
} presences[] = {
	{ .name = "online" },
	{ .name = "dnd", .needs = "settings.dnd", .only_now = true },
	{ .name = "voicemail" },
	{ .name = "cellphone" },
	{ .name = "callforward", .needs = "settings.call_forward", .forwards = true },
};
_Static_assert(sizeof(presences) / sizeof(presences[0]) == PRESENCES_MAX, "one row each");

struct presence_choice presence_of(const struct cti_user *u, enum presence_kind kind)
{
	const struct presence_choice chosen[PRESENCE_KINDS] = {
		[PRESENCE_NOW] = { u->presence, u->presence_to },
		[PRESENCE_ON_BUSY] = { u->on_busy, u->on_busy_to },
		[PRESENCE_ON_UNAVAILABLE] = { u->on_unavailable, u->on_unavailable_to },
	};

	return chosen[kind];
}

static bool is_allowed(const struct presence_row *p, const char *capabilities)
{
	return !p->needs || capability_has(capabilities, p->needs);
}

static const struct presence_row *find(const char *name, enum presence_kind kind)
{
	for (size_t i = 0; i < PRESENCES_MAX; i++)
		if (strcmp(presences[i].name, name) == 0)
			return presences[i].only_now && kind != PRESENCE_NOW ? NULL : &presences[i];
	return NULL;
}

bool presence_target_is_valid(const char *to)
{
	size_t n = strlen(to);

	return n > 0 && n <= PRESENCE_TARGET_MAX &&
	       strspn(to, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ*#+._-") ==
		       n;
}

enum err presence_choose(struct service *s, int64_t account_id, enum presence_kind kind,
	const struct presence_choice *choice)
{
	const struct presence_row *p = find(choice->status, kind);
	struct profile_grants grants;

	if (!p || (p->forwards && (!choice->to || !presence_target_is_valid(choice->to))))
		return ERR_BAD_REQUEST;
	enum err e = permissions_of(s, account_id, &grants);

	if (e != ERR_OK)
		return e;
	if (!is_allowed(p, grants.capabilities))
		return refused(s, &capability_missing);
	return presence_store_set(s, account_id, kind, p->name, p->forwards ? choice->to : NULL);
}

size_t presence_choices(
	const struct cti_user *u, enum presence_kind kind, const char *ret[PRESENCES_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < PRESENCES_MAX; i++)
		if (find(presences[i].name, kind) && is_allowed(&presences[i], u->capabilities))
			ret[n++] = presences[i].name;
	return n;
}
