#include "identity/lock.h"

#include <string.h>

#include "base/network.h"
#include "crypto/hash.h"
#include "events/outbox.h"
#include "identity/failed_login.h"
#include "identity/guesses.h"
#include "identity_priv.h"
#include "service/count.h"
#include "service/limit.h"
#include "service/transaction.h"

#define WINDOW_S (15 * 60)

const char *client_network(struct arena *arena, const char *ip)
{
	char *ret;

	if (!ip) /* not from a client: one of our own programs */
		return "";
	ret = arena_alloc(arena, NETWORK_SIZE);
	return network_of(ret, str_from(ip));
}

/* Hashed with a key: what stands in the field of the name may be a password. */
static const char *hashed(struct service *s, const char *text)
{
	return hash_hmac_hex(s->arena, keyring_current(s->keys, KEY_TOKEN), text);
}

static const char *total_subject(struct service *s, const char *username, const char *domain)
{
	const char *name = arena_printf(s->arena, "password:%s@%s", username, domain);

	return arena_printf(s->arena, "password:%s", hashed(s, name));
}

void login_query_init(
	struct service *s, const char *username, const char *domain, struct login_query *ret)
{
	const char *network = client_network(s->arena, s->client.ip);
	const char *total = total_subject(s, username, domain);

	*ret = (struct login_query){
		.username = username,
		.domain = domain,
		.network = network,
		.pair = arena_printf(s->arena, "%s/%s", total, network),
		.total = total,
		.address = arena_printf(s->arena, "address:%s", network),
		.pair_limit = s->settings->password_failures_per_account,
		.total_limit = s->settings->password_failures_per_account_total,
		.address_limit = s->settings->password_failures_per_address,
	};
}

static enum err count(
	struct service *s, const char *subject, int64_t limit, struct guess_count *ret)
{
	return guess_add(s, subject, &(struct guess_rule){ limit, WINDOW_S, 0 }, ret);
}

struct wrong_guess {
	const struct login_query *query;
	int64_t account_id; /* 0: of no account */
	enum door door;
	struct guess_count pair, total, address;
};

static enum err tell_owner(struct service *s, const struct wrong_guess *w,
	const struct guess_count *counted, int64_t limit)
{
	if (counted->failures != limit)
		return ERR_OK;
	return event_add(s, EVENT_LOGIN_LOCKED, w->account_id,
		&(struct lock_facts){ "password_locked", counted->ends_at });
}

/* Unknown names run as many statements as known ones, so timing reveals nothing. */
static enum err count_wrong(struct service *s, void *arg)
{
	struct wrong_guess *w = arg;
	const struct login_query *q = w->query;
	enum err e = count(s, q->pair, q->pair_limit, &w->pair);

	if (e == ERR_OK)
		e = tell_owner(s, w, &w->pair, q->pair_limit);
	if (e == ERR_OK)
		e = count(s, q->total, q->total_limit, &w->total);
	if (e == ERR_OK)
		e = tell_owner(s, w, &w->total, q->total_limit);
	/* Any page may send such an origin: it shall not lock its reader's network. */
	if (e == ERR_OK && !s->client.origin_is_opaque)
		e = count(s, q->address, q->address_limit, &w->address);
	return e;
}

static struct failed_login failure_of(const struct wrong_guess *w, enum login_fault fault)
{
	return (struct failed_login){ .door = w->door,
		.fault = fault,
		.account_id = w->account_id,
		.username = w->query->username,
		.domain = w->query->domain };
}

static void count_locks(const struct service *s, const struct wrong_guess *w)
{
	if (w->pair.failures == w->query->pair_limit)
		count_note(s, COUNT_LOCK_PAIR);
	if (w->total.failures == w->query->total_limit)
		count_note(s, COUNT_LOCK_ACCOUNT);
	if (w->address.failures == w->query->address_limit)
		count_note(s, COUNT_LOCK_NETWORK);
}

static void log_locks(struct service *s, const struct wrong_guess *w)
{
	const struct login_query *q = w->query;
	const struct failed_login last = failure_of(w, FAULT_PASSWORD);

	count_locks(s, w);
	if (w->pair.failures == q->pair_limit)
		failed_login_log_lock(s, &last, LOCK_ACCOUNT, w->pair.wait_s);
	if (w->total.failures == q->total_limit)
		failed_login_log_lock(s, &last, LOCK_ACCOUNT_EVERYWHERE, w->total.wait_s);
	if (w->address.failures == q->address_limit)
		failed_login_log_lock(s, &last, LOCK_NETWORK, w->address.wait_s);
}

/* What is counted while the network or the name as a whole is locked: nothing that matters, in one row of the
 * network, so that a flood of names leaves no rows behind. */
static void query_spend(struct service *s, struct login_query *q)
{
	q->pair = q->total = q->address = arena_printf(s->arena, "shut:%s", q->network);
	q->pair_limit = q->total_limit = q->address_limit = INT64_MAX;
}

static void log_wrong(struct service *s, const struct wrong_guess *w, const struct password_lock *l)
{
	const struct failed_login f = failure_of(w, l->wait_s > 0   ? FAULT_LOCKED
						    : w->account_id ? FAULT_PASSWORD
								    : FAULT_UNKNOWN_NAME);

	failed_login_log(s, &f);
}

enum err lock_take_wrong(struct service *s, enum door door, const char *username,
	const char *domain, const struct credentials *c)
{
	const struct password_lock *l = &c->lock;
	struct login_query q;
	struct wrong_guess w = { .query = &q, .account_id = c->who.account_id, .door = door };
	enum err e;

	s->retry_after_s = l->pair_wait_s > l->wide_wait_s ? l->pair_wait_s : l->wide_wait_s;
	count_note_login(s, (int)door, l->wait_s > 0 ? COUNT_LOCKED : COUNT_WRONG);
	login_query_init(s, username, domain, &q);
	log_wrong(s, &w, l);
	if (l->wait_s > 0)
		limit_note(s, l->pair_wait_s > 0 ? LIMIT_PASSWORD_LOCK : LIMIT_NETWORK_LOCK);
	if (l->pair_wait_s > 0)
		return ERR_OK;
	if (l->wait_s > 0)
		query_spend(s, &q);
	e = service_transaction(s, count_wrong, &w);
	if (e == ERR_OK)
		log_locks(s, &w);
	return e;
}

static enum err count_right(struct service *s, const struct login_query *q, bool *ret_locked)
{
	struct guess_count counted;
	enum err e = count(s, q->pair, q->pair_limit, &counted);

	if (e != ERR_OK)
		return e;
	*ret_locked = counted.failures > q->pair_limit;
	if (!*ret_locked)
		return guess_clear(s, q->pair);
	s->retry_after_s = counted.wait_s;
	limit_note(s, LIMIT_PASSWORD_LOCK);
	return ERR_OK;
}

enum err lock_take_right(
	struct service *s, enum door door, const struct credentials *c, bool *ret_locked)
{
	bool makes_known = door <= DOOR_DIGEST && !c->lock.seen_today;
	struct login_query q;
	enum err e = ERR_OK;

	*ret_locked = false;
	if (!c->lock.failed && !makes_known) {
		count_note_login(s, (int)door, COUNT_RIGHT);
		return ERR_OK;
	}
	login_query_init(s, c->who.username, c->who.domain, &q);
	if (c->lock.failed)
		e = count_right(s, &q, ret_locked);
	if (e == ERR_OK)
		count_note_login(s, (int)door, *ret_locked ? COUNT_LOCKED : COUNT_RIGHT);
	if (e == ERR_OK && makes_known && !*ret_locked)
		e = known_network_add(s, c->who.account_id, q.network);
	return e;
}

enum err lock_count_wrong_key(struct service *s, enum door door, const char *key)
{
	const char *network = client_network(s->arena, s->client.ip);
	const char *address = arena_printf(s->arena, "address:%s", network);
	const char *tried = arena_printf(
		s->arena, "key:%s", hashed(s, arena_printf(s->arena, "key:%s:%s", network, key)));
	int64_t limit = s->settings->password_failures_per_address;
	struct failed_login f = { .door = door, .fault = FAULT_KEY };
	struct guess_count counted;
	enum err e = guess_wait(s, address, limit, &s->retry_after_s);

	if (e == ERR_OK)
		count_note_login(s, (int)door, s->retry_after_s > 0 ? COUNT_LOCKED : COUNT_WRONG);
	if (e == ERR_OK && s->retry_after_s > 0)
		limit_note(s, LIMIT_NETWORK_LOCK);
	if (s->retry_after_s > 0)
		f.fault = FAULT_LOCKED;
	failed_login_log(s, &f);
	if (e != ERR_OK || s->retry_after_s > 0)
		return e;
	e = count(s, tried, INT64_MAX, &counted);
	if (e != ERR_OK || counted.failures > 1)
		return e;
	e = count(s, address, limit, &counted);
	if (e == ERR_OK && counted.failures == limit)
		count_note(s, COUNT_LOCK_NETWORK);
	if (e == ERR_OK && counted.failures == limit)
		failed_login_log_lock(s, &f, LOCK_NETWORK, counted.wait_s);
	return e;
}

enum err lock_clear(struct service *s, const char *username, const char *domain)
{
	return guess_clear_below(s, total_subject(s, username, domain));
}
