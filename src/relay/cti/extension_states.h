/* What is known of extensions, as Redis keeps it for everyone: exten:<id> of the domain's hash st (cti-api 3.1). */
#ifndef DIALTONE_RELAY_CTI_EXTENSION_STATES_H
#define DIALTONE_RELAY_CTI_EXTENSION_STATES_H

#include "redis/pipeline.h"
#include "relay/core/core.h"

#define EXTENSION_STATES_MAX 64 /* of a user, that are looked at */

/* Asks for those of the extensions, separated by spaces, in the client's domain: the reply is a list in their
 * order. As pipeline_send(). */
MUST_CHECK enum err extension_states_ask(
	struct cti_client *c, struct str extensions, pipeline_reply_fn *fn, void *arg);

#endif
