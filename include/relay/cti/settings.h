/* What the relay's application is told, and what the program does for it. */
#ifndef DIALTONE_RELAY_CTI_SETTINGS_H
#define DIALTONE_RELAY_CTI_SETTINGS_H

#include "crypto/keyring.h"
#include "relay/core/core.h"
#include "relay/upstream/session_answer.h"

struct cti_settings {
	struct core_settings core;
	const struct keyring *keys;
	uint32_t retry_ms;    /* until the API is asked again */
	uint32_t takeover_ms; /* a newcomer waits for its predecessor */
	uint32_t beat_ms;     /* between signs of life */
	uint32_t user_sockets_max;
	uint32_t roll_call_ms; /* relays have this long to say which clients of a user live */
};

/* arg is the core's. */
struct cti_ports {
	struct core_ports core;
	/* session_api_ask(). */
	void (*ask)(void *arg, struct str authorization, struct str host, session_answer_fn *fn,
		void *fn_arg);
	/* An operator wants the relay empty: so many clients a second, 0 is the default. */
	void (*drain)(void *arg, int64_t rate);
};

#endif
