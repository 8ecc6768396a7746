#include "reseal.h"

#include "crypto/seal.h"
#include "resources/accounts/account.h"
#include "resources/extensions/extension.h"
#include "resources/two_factor/two_factor.h"
#include "sealed.h"

static struct str context_of(struct arena *arena, enum sealed_place place, int64_t id)
{
	switch (place) {
	case SEALED_PROVISIONING:
		return account_provisioning_context;
	case SEALED_CONFIRMATION:
		return account_confirmation_context;
	case SEALED_EXTENSION:
		return extension_secret_context;
	default:
		return two_factor_context(arena, id);
	}
}

/* A value that was changed meanwhile was sealed with the current key by the change. */
static enum err renew(struct service *s, struct arena *arena, enum sealed_place place,
	const struct sealed_value *v, struct reseal_count *count)
{
	struct str context = context_of(arena, place, v->id), plain, fresh;

	if (unseal(s->keys, v->sealed, context, arena, &plain) != ERR_OK) {
		count->unreadable++;
		return ERR_OK;
	}
	enum err e = seal(s->keys, plain, context, arena, &fresh);

	if (e == ERR_OK)
		e = sealed_store_replace(s, place, v, fresh);
	count->renewed += e == ERR_OK;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* One batch; *after becomes the last id, and *ret_more false behind the last batch. */
static enum err renew_some(struct service *s, struct arena *arena, enum sealed_place place,
	int64_t *after, struct reseal_count *count, bool *ret_more)
{
	struct sealed_value *values;
	size_t n = 0;
	enum err e = sealed_store_list(
		s, arena, place, keyring_current(s->keys, KEY_SEAL)->id, *after, &values, &n);

	for (size_t i = 0; e == ERR_OK && i < n; i++) {
		*after = values[i].id;
		e = renew(s, arena, place, &values[i], count);
	}
	*ret_more = n == SEALED_AT_ONCE;
	return e;
}

static enum err renew_place(
	struct service *s, struct arena *arena, enum sealed_place place, struct reseal_count *count)
{
	int64_t after = 0;
	bool more = true;
	enum err e = ERR_OK;

	while (e == ERR_OK && more) {
		arena_reset(arena);
		e = renew_some(s, arena, place, &after, count, &more);
	}
	return e;
}

enum err reseal_all(struct service *s, struct reseal_count *ret)
{
	struct arena *arena = arena_new(65536);
	enum err e = ERR_OK;

	*ret = (struct reseal_count){ 0 };
	for (enum sealed_place place = 0; e == ERR_OK && place < SEALED_PLACES; place++)
		e = renew_place(s, arena, place, ret);
	arena_free(&arena);
	return e;
}
