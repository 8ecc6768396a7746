#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core_priv.h"

/* How old what the directory said of a user may be. */
#define CHECK_AGAIN_US CLOCK_MINUTE_US

const char *address_key(struct pbx_address a, struct arena *arena)
{
	return arena_printf(arena, "%s@%s", a.user ? a.user : "", a.domain ? a.domain : "");
}

static struct str device_key(struct pbx *p, const struct device *d)
{
	return str_from(
		address_key((struct pbx_address){ d->sip_user, d->user->domain }, p->arena));
}

static struct str user_key(
	struct pbx *p, int64_t account_id, const char *username, const char *domain)
{
	return str_from(account_id ? arena_printf(p->arena, "%" PRId64, account_id)
				   : arena_printf(p->arena, "%s@%s", username, domain));
}

struct device *device_at(struct pbx *p, struct pbx_address a)
{
	return map_get(p->devices, str_from(address_key(a, p->arena)));
}

struct device *user_device(const struct user *u, const char *exten)
{
	LIST_FOR_EACH(d, &u->devices, struct device, of_user)
		if (text_is(d->exten, exten))
			return d;
	return NULL;
}

enum exten_status user_strongest(const struct user *u)
{
	enum exten_status strongest = EXTEN_OFFLINE;

	LIST_FOR_EACH(d, &u->devices, struct device, of_user)
		strongest = d->status_told < strongest ? d->status_told : strongest;
	return strongest;
}

bool user_is_idle(const struct user *u)
{
	LIST_FOR_EACH(d, &u->devices, struct device, of_user)
		if (!device_is_idle(d))
			return false;
	return u->refs == 0 && !u->is_changed;
}

static void forget_address(struct pbx *p, const struct device *d)
{
	if (map_get(p->devices, device_key(p, d)) == d)
		map_remove(p->devices, device_key(p, d));
}

static void drop_device(struct pbx *p, struct device *d)
{
	forget_address(p, d);
	device_free(d);
}

void user_drop(struct pbx *p, struct user *u)
{
	LIST_FOR_EACH(d, &u->devices, struct device, of_user)
		drop_device(p, d);
	map_remove(p->users, user_key(p, u->account_id, u->username, u->domain));
	free(u->username);
	free(u->domain);
	free(u->name);
	free(u->main_extension);
	free(u->voicemail);
	free(u->chosen);
	free(u->chosen_to);
	free(u->main_told);
	free(u);
}

void user_tidy(struct pbx *p, struct user *u)
{
	LIST_FOR_EACH(d, &u->devices, struct device, of_user)
		if (u->refs == 0 && d->is_former && device_is_idle(d))
			drop_device(p, d);
}

/* Its phones are not shown any more. */
static void device_expel(struct user *u, struct device *d)
{
	LIST_FOR_EACH(c, &d->contacts, struct contact, link)
		device_contact_remove(d, c);
	u->is_changed |= !d->is_former;
	d->is_former = true;
}

static void device_put(struct pbx *p, struct device *d)
{
	struct device *before = map_put(p->devices, device_key(p, d), d);

	if (before && before != d)
		device_expel(before->user, before);
	d->is_former = false;
}

static void device_learn(struct pbx *p, struct user *u, const struct pbx_device *of)
{
	struct device *d = user_device(u, of->exten);
	struct exten_state x;

	if (!d) {
		d = device_new(u, of);
		x = device_state(d, p->arena);
		d->told = exten_state_digest(&x);
	} else if (!text_is(d->sip_user, of->user)) {
		forget_address(p, d);
		owned_text_set(&d->sip_user, of->user);
	}
	owned_text_set(&d->type, of->type);
	device_put(p, d);
}

static bool is_among(const struct pbx_user *found, const struct device *d)
{
	for (size_t i = 0; i < found->devices_n; i++)
		if (text_is(found->devices[i].exten, d->exten))
			return true;
	return false;
}

static void user_learn(struct pbx *p, struct user *u, const struct pbx_user *found)
{
	u->is_changed |= !text_is(u->name, found->name) || !text_is(u->username, found->username);
	owned_text_set(&u->username, found->username);
	owned_text_set(&u->name, found->name);
	owned_text_set(&u->main_extension,
		found->main_extension ? found->main_extension : found->username);
	owned_text_set(&u->voicemail, found->voicemail);
	u->checked_us = p->now_us;
	for (size_t i = 0; i < found->devices_n; i++)
		device_learn(p, u, &found->devices[i]);
	LIST_FOR_EACH(d, &u->devices, struct device, of_user)
		if (!is_among(found, d))
			device_expel(u, d);
}

static struct user *user_new(struct pbx *p, const struct pbx_user *found)
{
	struct user *u = mem_alloc(sizeof(*u));

	u->account_id = found->account_id;
	owned_text_set(&u->username, found->username);
	owned_text_set(&u->domain, found->domain);
	owned_text_set(&u->name, found->name);
	list_init(&u->devices);
	u->strongest = EXTEN_OFFLINE;
	u->voicemail_new = u->voicemail_old = -1;
	map_put(p->users, user_key(p, u->account_id, u->username, u->domain), u);
	return u;
}

static void drop_idle(struct pbx *p)
{
	struct user **idle = arena_alloc(p->arena, map_count(p->users) * sizeof(*idle));
	size_t at = 0, n = 0;
	struct str key;
	void *u;

	while (map_next(p->users, &at, &key, &u))
		if (user_is_idle(u))
			idle[n++] = u;
	while (n)
		user_drop(p, idle[--n]);
}

static bool has_room(struct pbx *p, size_t n)
{
	if (map_count(p->devices) + n > p->limits.devices_max)
		drop_idle(p);
	return map_count(p->devices) + n <= p->limits.devices_max;
}

static enum err user_of(struct pbx *p, const struct pbx_user *found, struct user **ret)
{
	struct str key = user_key(p, found->account_id, found->username, found->domain);
	struct user *u = map_get(p->users, key);

	if (!u && !has_room(p, found->devices_n)) {
		p->figures.refused++;
		return ERR_NOT_FOUND;
	}
	if (!u)
		u = user_new(p, found);
	user_learn(p, u, found);
	*ret = u;
	return ERR_OK;
}

static bool is_fresh(const struct pbx *p, const struct device *d)
{
	return d && !d->is_former && p->now_us - d->user->checked_us < CHECK_AGAIN_US;
}

enum err user_find(struct pbx *p, struct pbx_address a, struct user **ret)
{
	struct device *d = device_at(p, a);
	struct pbx_user found = { 0 };
	enum err e;

	if (is_fresh(p, d)) {
		*ret = d->user;
		return ERR_OK;
	}
	e = p->owner.directory.find(p->owner.directory.ctx, &a, p->arena, &found);
	if (e == ERR_OK)
		return user_of(p, &found, ret);
	if (e == ERR_NOT_FOUND && d)
		device_expel(d->user, d);
	if (e == ERR_NOT_FOUND || !d)
		return e;
	*ret = d->user;
	return ERR_OK;
}

struct user *user_former(struct pbx *p, const char *domain, const struct exten_state *x)
{
	const struct pbx_device device = { x->exten, x->exten, NULL };
	const struct pbx_user gone = { 0, x->username, domain, x->name, x->exten, NULL, &device,
		1 };
	struct user *u = map_get(p->users, user_key(p, 0, x->username, domain));

	if (!u && !has_room(p, 1))
		return NULL;
	u = u ? u : user_new(p, &gone);
	u->checked_us = p->now_us;
	if (!user_device(u, x->exten))
		device_new(u, &device)->is_former = true;
	u->is_changed = true;
	return u;
}
