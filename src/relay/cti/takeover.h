/*
 * The client in use of a user and type, asked to give way: it is told the event takeOver, and the last to ask
 * hears of its ack or its end (cti-api 2.3 and 3.6). The other side is claim.
 */
#ifndef DIALTONE_RELAY_CTI_TAKEOVER_H
#define DIALTONE_RELAY_CTI_TAKEOVER_H

#include "base/buf.h"
#include "redis/message.h"
#include "relay/core/core.h"

#define RELAY_ID_MAX 32

/* What a client has to do with those before and after it. */
struct cti_takeover {
	struct claim *claim;      /* that waits for the predecessor; NULL: none does */
	int64_t asked_ms;         /* when takeOver was sent; 0: never */
	char relay[RELAY_ID_MAX]; /* of the client that waits for this one to give way, or did */
	char sid[SIO_ID_SIZE];    /* empty: there is none */
};

extern const struct core_listener takeover_listener;

/* Another client wants c and its like to give way; or, without one, they are told the event alone.
 * True: c was not logged in yet, and its login is to be given up. */
MUST_CHECK bool takeover_ask(struct cti_client *c, const struct message *m);
void takeover_on_ack(struct cti_client *c);
/* Made if there was none. */
struct cti_takeover *takeover_of(struct cti_client *c);
/* The key of the owner: of the client's user and type. */
void takeover_put_key(struct buf *key, const struct cti_client *c);

#endif
