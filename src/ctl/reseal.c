#include "reseal.h"

#include "crypto/seal.h"
#include "resources/accounts/account.h"
#include "resources/extensions/extension.h"
#include "resources/space_email/server.h"
#include "resources/spaces/space.h"
#include "resources/two_factor/two_factor.h"
#include "sealed.h"
#include "service/audit.h"
#include "service/job.h"
#include "service/refusal.h"

static struct str context_of(struct arena *arena, enum sealed_place place, int64_t id)
{
	switch (place) {
	case SEALED_PROVISIONING:
		return account_provisioning_context;
	case SEALED_CONFIRMATION:
		return account_confirmation_context;
	case SEALED_EXTENSION:
		return extension_secret_context;
	case SEALED_JOB:
		return job_context;
	case SEALED_EMAIL_CODE:
	case SEALED_PHONE_CODE:
		return account_change_code_context;
	case SEALED_EMAIL_PASSWORD:
		return email_password_context;
	case SEALED_CLIENT_SECRET:
		return space_client_secret_context;
	default:
		return two_factor_context(arena, id);
	}
}

/* One of the two walks: which values it looks at, and what it does with each. */
struct walk {
	struct service *service;
	struct arena *arena;
	int64_t all_but_key;
	enum err (*visit)(struct walk *w, enum sealed_place place, const struct sealed_value *v);
	bool drop;
	struct reseal_count resealed;
	int64_t unreadable[SEALED_PLACES];
};

/* A value that was changed meanwhile was sealed with the current key by the change. */
static enum err renew(struct walk *w, enum sealed_place place, const struct sealed_value *v)
{
	struct service *s = w->service;
	struct str context = context_of(w->arena, place, v->id), plain, fresh;
	enum err e = unseal(s->keys, v->sealed, context, w->arena, &plain);

	if (e == ERR_GONE) {
		w->resealed.unreadable++;
		return ERR_OK;
	}
	if (e == ERR_OK)
		e = seal(s->keys, plain, context, w->arena, &fresh);
	if (e == ERR_OK)
		e = sealed_store_replace(s, place, v, fresh);
	w->resealed.renewed += e == ERR_OK;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Told of each account. */
static enum err reset(struct service *s, int64_t account_id)
{
	audit_about_id(s, account_id);
	enum err e = two_factor_reset(s, account_id);

	audit_about_id(s, 0);
	return e;
}

static enum err forget(struct walk *w, enum sealed_place place, const struct sealed_value *v)
{
	struct service *s = w->service;
	struct str plain;
	enum err e =
		unseal(s->keys, v->sealed, context_of(w->arena, place, v->id), w->arena, &plain);

	if (e != ERR_GONE)
		return e;
	e = ERR_OK;
	if (w->drop && place == SEALED_TOTP)
		e = reset(s, v->id);
	else if (w->drop)
		e = sealed_store_drop(s, place, v);
	w->unreadable[place] += e == ERR_OK;
	return e == ERR_NOT_FOUND || refused_as(s, e, &second_factor_off) ? ERR_OK : e;
}

/* One batch; *after becomes the last id, and *ret_more false behind the last batch. */
static enum err walk_some(struct walk *w, enum sealed_place place, int64_t *after, bool *ret_more)
{
	struct sealed_value *values;
	size_t n = 0;
	enum err e =
		sealed_store_list(w->service, w->arena, place, w->all_but_key, *after, &values, &n);

	for (size_t i = 0; e == ERR_OK && i < n; i++) {
		*after = values[i].id;
		e = w->visit(w, place, &values[i]);
	}
	*ret_more = n == SEALED_AT_ONCE;
	return e;
}

static enum err walk_place(struct walk *w, enum sealed_place place)
{
	int64_t after = 0;
	bool more = true;
	enum err e = ERR_OK;

	while (e == ERR_OK && more) {
		arena_reset(w->arena);
		e = walk_some(w, place, &after, &more);
	}
	return e;
}

static enum err walk_all(struct walk *w)
{
	enum err e = ERR_OK;

	w->arena = arena_new(65536);
	for (enum sealed_place place = 0; e == ERR_OK && place < SEALED_PLACES; place++)
		e = walk_place(w, place);
	arena_free(&w->arena);
	return e;
}

enum err reseal_all(struct service *s, struct reseal_count *ret)
{
	struct walk w = {
		.service = s, .all_but_key = keyring_current(s->keys, KEY_SEAL)->id, .visit = renew
	};
	enum err e = walk_all(&w);

	*ret = w.resealed;
	return e;
}

enum err reseal_forget(struct service *s, bool drop, struct unreadable_count *ret)
{
	struct walk w = {
		.service = s, .all_but_key = SEALED_WITH_ANY, .visit = forget, .drop = drop
	};
	enum err e = walk_all(&w);

	*ret = (struct unreadable_count){ w.unreadable[SEALED_TOTP],
		w.unreadable[SEALED_TOTP_PENDING], w.unreadable[SEALED_PROVISIONING],
		w.unreadable[SEALED_CONFIRMATION], w.unreadable[SEALED_EXTENSION],
		w.unreadable[SEALED_JOB],
		w.unreadable[SEALED_EMAIL_CODE] + w.unreadable[SEALED_PHONE_CODE],
		w.unreadable[SEALED_EMAIL_PASSWORD] + w.unreadable[SEALED_CLIENT_SECRET] };
	return e;
}
