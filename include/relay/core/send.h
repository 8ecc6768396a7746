/* Messages to other relays and to users, over Redis. */
#ifndef DIALTONE_RELAY_CORE_SEND_H
#define DIALTONE_RELAY_CORE_SEND_H

#include "redis/message.h"
#include "relay/core/core.h"

/* fn (or NULL) gets Redis's answer, the number of receivers; NULL when there is none. */
void send_message(struct core *core, struct str channel, const struct message *m,
	pipeline_reply_fn *fn, void *arg);
void send_to_relay(struct core *core, const char *relay, const struct message *m,
	pipeline_reply_fn *fn, void *arg);
/* In evict_ms. */
void send_later(struct core *core, struct str channel, const struct message *m);
void send_on_time(struct deadline *d, int64_t now_ms);

#endif
