/*
 * The state of one extension: the argument of extenUpdate, a value of GET /api/astproxy/extensions, and what the
 * hash {D}:st keeps as "exten:<id>" (cti-api 2.6).
 *
 * One struct, one reader, one writer, so that the three never differ; masking is in the writer.
 */
#ifndef DIALTONE_EVENTS_EXTEN_STATE_H
#define DIALTONE_EVENTS_EXTEN_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json_writer.h"
#include "permissions/rooms.h"

/* In the order of strength that counts for the presence of a user, strongest first (cti-api 2.9). */
enum exten_status {
	EXTEN_BUSY,
	EXTEN_BUSY_RINGING,
	EXTEN_RINGING,
	EXTEN_ON_HOLD,
	EXTEN_ONLINE,
	EXTEN_OFFLINE,
	EXTEN_STATUSES
};
extern const char *const exten_status_names[EXTEN_STATUSES + 1];

struct conversation {
	const char *id; /* "source channel>destination channel" */
	const char *linked_id, *unique_id;
	const char *counterpart_num, *counterpart_name;
	const char *source_channel, *dest_channel; /* NULL: there is none yet */
	bool outgoing, connected, on_hold, through_queue;
	int64_t start_ms;
};

struct exten_state {
	const char *exten, *name, *username;
	enum exten_status status;
	const char *ip, *port, *user_agent; /* "" when it is not registered */
	bool dnd;
	int64_t seq;                              /* grows with every change */
	const struct conversation *conversations; /* in the order in which clients read them */
	size_t conversations_n;
};

/* An object. view: what its reader may see; the owner reads VIEW_CLEAR. now_ms: durations count to it. */
void exten_state_write(
	struct json_writer *w, const struct exten_state *x, enum room_view view, int64_t now_ms);
/* ERR_PROTOCOL: it is no such object. Texts live in the arena. */
MUST_CHECK enum err exten_state_read(struct str json, struct arena *arena, struct exten_state *ret);

/* The id of a conversation as those read it who may not see its numbers, which the clear one holds. They
 * name the conversation by it. */
const char *conversation_alias(const struct conversation *c, struct arena *arena);

/* The mainPresence of a user who has chosen `chosen` and whose strongest extension is in this state. */
const char *main_presence(const char *chosen, enum exten_status strongest);

#endif
