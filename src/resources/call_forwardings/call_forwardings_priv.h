/* Call forwardings in the database. */
#ifndef DIALTONE_RESOURCES_CALL_FORWARDINGS_CALL_FORWARDINGS_PRIV_H
#define DIALTONE_RESOURCES_CALL_FORWARDINGS_CALL_FORWARDINGS_PRIV_H

#include "resources/call_forwardings/call_forwarding.h"

/* What the account has besides the one it is about. */
struct forwarding_neighbours {
	bool same_type;     /* another one of its kind */
	bool always, other; /* enabled ones: always, and of the other kinds */
	bool is_contact;    /* contact_id is a contact of the account */
};

/* No other request changes the account's before the transaction ends. ERR_NOT_FOUND: the account is gone. */
MUST_CHECK enum err call_forwarding_store_look(
	struct service *s, const struct call_forwarding *f, struct forwarding_neighbours *ret);
/* ERR_CONFLICT: a constraint says no. */
MUST_CHECK enum err call_forwarding_store_insert(
	struct service *s, const struct call_forwarding *f, struct call_forwarding *ret);
MUST_CHECK enum err call_forwarding_store_update(
	struct service *s, const struct call_forwarding *f, struct call_forwarding *ret);

#endif
