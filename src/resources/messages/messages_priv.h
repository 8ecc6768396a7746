/* Asking linphone-daemon to send a message (accounts-api 13.2). */
#ifndef DIALTONE_RESOURCES_MESSAGES_MESSAGES_PRIV_H
#define DIALTONE_RESOURCES_MESSAGES_MESSAGES_PRIV_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* One at a time is heard.  uri: "sip:bob@sip.example.org"; body: one line.
 *   ERR_CONFLICT     it refuses; logged here with its reason
 *   ERR_UNAVAILABLE  it is not there, or does not say by until_ms (clock_ms()); logged here */
MUST_CHECK enum err linphone_daemon_send(const char *socket_path, const char *uri, const char *body,
	int64_t until_ms, struct arena *arena, const char **ret_id);

#endif
