/*
 * How many requests a client may make (cti-api 1.0, "Limits"): a bucket per session, one per account
 * for the accounts API, one per network for clients without a valid credential, and two more for those of
 * them that make or validate tokens.
 *
 * Buckets are shared through Redis.  A process takes a share of what is left in one in advance and asks
 * again when that is used up, or a second later; what it has not used by then is lost.  So
 * a client with many requests seldom waits for Redis, one that nears its limit is counted one by one,
 * and in any time no client makes more requests than the limit allows in that time and a second.  A
 * burst may end early by what other processes hold of the bucket.
 *
 * While Redis is away each process keeps its own buckets.  Both stand in a table of fixed size.
 */
#ifndef DIALTONE_IDENTITY_RATE_H
#define DIALTONE_IDENTITY_RATE_H

#include "service/service.h"

struct rate_table;

struct rate_table *rate_table_new(void);
void rate_table_free(struct rate_table **t);

/* Asks Redis for what rate_take_session() will want, and waits for nothing: the answer comes while
 * PostgreSQL is waited for. */
void rate_ask_session(struct service *s, const char *jti);
/* ERR_TOO_MANY: the bucket is empty; d->retry_after_s is set. */
MUST_CHECK enum err rate_take_session(struct service *s, const char *jti);
MUST_CHECK enum err rate_take_account(struct service *s, int64_t account_id);
/* A push notification that an account asks for. */
MUST_CHECK enum err rate_take_push(struct service *s, int64_t account_id);
/* The network of the client. */
MUST_CHECK enum err rate_take_network(struct service *s);
/* The same for calls that make or validate a token without credentials (accounts-api 16, item 11):
 * those of a minute, then those of a day. */
MUST_CHECK enum err rate_take_token(struct service *s);

#endif
