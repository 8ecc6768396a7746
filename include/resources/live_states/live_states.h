/*
 * What dialtone-pbx tells of the phones of a domain, as the hash {D}:st of Redis keeps it (cti-api 3.1): for answers
 * that show it.  Where there is no PBX (call_backend = none) nothing is asked; while Redis is away nothing is known, and
 * answers are what they are without a PBX.
 */
#ifndef DIALTONE_RESOURCES_LIVE_STATES_LIVE_STATES_H
#define DIALTONE_RESOURCES_LIVE_STATES_LIVE_STATES_H

#include "events/exten_state.h"
#include "service/service.h"

/* The names of fields that are asked for in one exchange. */
struct live_question {
	struct str *fields;
	size_t n, cap;
};
struct live_question live_question_of(struct arena *arena, size_t cap);
/* kind: "exten", "main", "call", "vm" */
void live_question_add(
	struct arena *arena, struct live_question *q, const char *kind, const char *id);

/* Their values, in the order in which they were added; .p NULL: there is none.  NULL: nothing is known. */
const struct str *live_answer(struct service *s, const char *domain, const struct live_question *q);

/* A value of "main:<username>"; NULL: it is none. */
const char *live_main_presence(struct arena *arena, struct str value);
/* What a user is told to be who has chosen so: value of "main:<username>", .p NULL: none was told yet. */
const char *live_presence_shown(struct arena *arena, struct str value, const char *chosen);

/* A call, as orders need it. */
struct live_call {
	const char *call_id, *from, *to; /* "user@domain" */
};
/* False: it is none. */
bool live_call_read(struct str value, struct arena *arena, struct live_call *ret);

/* A value of "vm:<mailbox>"; false: it is none. */
bool live_voicemail_read(struct str value, int64_t *ret_inbox);

#endif
