/* What the server of the clients counts. */
#ifndef DIALTONE_RELAY_SERVER_COUNTERS_H
#define DIALTONE_RELAY_SERVER_COUNTERS_H

#include <stddef.h>

#include "relay/net/frame_queue.h"
#include "relay/server/reason.h"
#include "relay/sio/close_reason.h"

#define SERVER_CODES 16

struct server_counters {
	size_t connections; /* those on their way out included */
	size_t sessions, polling, strangers;
	size_t old_protocol; /* sessions of Engine.IO 3 */
	struct frame_tally frames;
	uint64_t handshakes, slow;
	uint64_t refused[REASON_COUNT];
	uint64_t closed[CLOSE_COUNT]; /* sessions that ended */
	uint64_t ended[SERVER_CODES]; /* sessions ended from here, by close code less 1000 */
};

#endif
