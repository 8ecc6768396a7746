/*
 * The guard of every door a password or an API key opens (accounts-api 16, item 30): wrong ones are
 * counted in PostgreSQL, and too many in 15 minutes lock for as long
 *
 *   an account for one network       password_failures_per_account
 *   an account for every network     password_failures_per_account_total
 *   a network for every account      password_failures_per_address
 *
 * Network: an IPv4 address, or the /64 of an IPv6 one.  The last two spare an account on the networks
 * it logged in from during the last 30 days, so that guesses from elsewhere shut no user out.  While
 * something is locked nothing is counted further, and a right password is answered as a wrong one.
 *
 * Neither answer nor time tells which names have an account: a name without one is counted alike, and a wrong
 * password is told to wait while its network is locked, also where a right one would open.  What was
 * guessed is not looked at here: struct password_lock came with the account.
 */
#ifndef DIALTONE_IDENTITY_LOCK_H
#define DIALTONE_IDENTITY_LOCK_H

#include "identity/door.h"
#include "service/caller.h"
#include "service/service.h"

/* A wrong password for this name, or any while c->lock.wait_s is above 0.  c->who.account_id 0: there is no such
 * account.  s->retry_after_s is set while something is locked. */
MUST_CHECK enum err lock_take_wrong(struct service *s, enum door door, const char *username,
	const char *domain, const struct credentials *c);
/* A right one.  *ret_locked: guesses that ran beside this one have reached the limit meanwhile, and
 * the count has the last word; s->retry_after_s is set. */
MUST_CHECK enum err lock_take_right(
	struct service *s, enum door door, const struct credentials *c, bool *ret_locked);
/* A wrong API key, or a wrong token of the HMAC login: the same one once in 15 minutes, so that a forgotten script,
 * or a client whose token has ended, locks no office out.  s->retry_after_s is set while the network is locked. */
MUST_CHECK enum err lock_count_wrong_key(struct service *s, enum door door, const char *key);

/* Forgets the wrong passwords of an account, from everywhere: an operator says so, or has set a new one. */
MUST_CHECK enum err lock_clear(struct service *s, const char *username, const char *domain);

const char *client_network(struct arena *arena, const char *ip);

#endif
