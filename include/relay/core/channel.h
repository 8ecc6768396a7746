/*
 * A Redis channel some client here hears: subscribed with its first member, and kept a while after the
 * last one has left, because clients that lose their connection come back.
 */
#ifndef DIALTONE_RELAY_CORE_CHANNEL_H
#define DIALTONE_RELAY_CORE_CHANNEL_H

#include "relay/core/core.h"

/* The channel of that name, subscribed if it was not. */
struct cti_channel *channel_get(struct core *core, struct str name);
/* NULL: no client here hears it. */
struct cti_channel *channel_find(const struct core *core, struct str name);
void channel_free(struct cti_channel *ch);
void channel_join(struct cti_channel *ch, struct cti_member *m, struct cti_client *c);
void channel_leave(struct cti_member *m);
/* Empty for the channels of relays. */
struct str channel_domain(const struct cti_channel *ch);
bool channel_is_user(const struct cti_channel *ch);
/* A domain's, on which orders about its users come. */
bool channel_is_control(const struct cti_channel *ch);
/* A room's. */
bool channel_is_room(const struct cti_channel *ch);
/* A user's, or what is said in a call: mostly what cannot be fetched again. */
bool channel_tells_once(const struct cti_channel *ch);
size_t channel_member_count(const struct cti_channel *ch);
void channel_on_linger(struct deadline *d, int64_t now_ms);
void channel_on_confirmed(void *arg, struct subscription *sub);

#endif
