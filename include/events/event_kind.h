/*
 * The table of all kinds of events: what each one's facts are, and what becomes of it.
 *
 * Most are told to clients: each row of `clients` is one Socket.IO event, for one audience, whose
 * arguments a renderer writes.  Others make relays act (`control`); how is the publisher's.  A new kind is a
 * row here and the line that adds it to the outbox.
 */
#ifndef DIALTONE_EVENTS_EVENT_KIND_H
#define DIALTONE_EVENTS_EVENT_KIND_H

#include "base/err.h"
#include "base/field.h"
#include "base/json_writer.h"
#include "events/audience.h"

#define EVENT_PAYLOAD_MAX ((size_t)256 << 10) /* what a relay takes, cti-api 3.2 */

enum event_control {
	CONTROL_NONE,
	CONTROL_END_SESSIONS,           /* of these sessions */
	CONTROL_REPLACE_SESSION,        /* the first of two sessions by the second */
	CONTROL_PERMISSIONS,            /* what the user may do, as it is when it is told */
	CONTROL_PERMISSIONS_OF_PROFILE, /* the same for all users of a profile */
	CONTROL_B2BUA,                  /* told to another program, by a job (service/job.h) */
};

/* One copy to be written: arguments behind the event's name, as clear as its readers may see them. */
struct copy {
	const struct event *event;
	const void *facts;
	enum room_view view;
	struct arena *arena;
};

struct client_event {
	const char *name; /* NULL ends the list */
	enum audience to;
	/* What of the account it is the state of: only the newest of these counts.  NULL: it is told once,
	 * and to no latecomer. */
	const char *state;
	/* The same of something else than the account: "exten:201", in the copy's arena; NULL: state says. */
	const char *(*key)(const struct copy *copy);
	/* What of it the hash {D}:st keeps (cti-api 3.1), written with the first copy: the name, in the copy's arena,
	 * and the value, which is clear.  NULL: nothing. */
	const char *(*kept_name)(const struct copy *copy);
	void (*kept_value)(struct json_writer *w, const struct copy *copy);
	bool (*when)(const void *facts); /* NULL: always */
	void (*arguments)(struct json_writer *w, const struct copy *copy);
};

struct event_kind {
	const char *name;
	const struct field *facts; /* in the outbox; NULL: none, or it is never there */
	size_t facts_size;
	const struct client_event *clients; /* NULL: none */
	enum event_control control;
};

/* Index of a kind's row. */
enum event_id {
	EVENT_ACCOUNT_CREATED,
	EVENT_ACCOUNT_UPDATED,
	EVENT_ACCOUNT_DELETED,
	EVENT_PRESENCE_CHANGED,
	EVENT_PRESENCE_CHOSEN, /* the same where a PBX has its say: the main presence is another event */
	EVENT_DEFAULT_DEVICE_CHANGED,
	EVENT_AVATAR_CHANGED,
	EVENT_LOGIN_LOCKED,
	EVENT_SESSIONS_ENDED,
	EVENT_SESSION_REPLACED,
	EVENT_PERMISSIONS_CHANGED,
	EVENT_PERMISSIONS_CHANGED_FOR_PROFILE,
	EVENT_EXTERNAL_ACCOUNT_CHANGED,
	EVENT_CLIENT_ORDERED,
	/* Never in the outbox: dialtone-pbx tells them, the first of them dialtone-jobs as well. */
	EVENT_MAIN_PRESENCE_CHANGED,
	EVENT_EXTEN_CHANGED,
	EVENT_EXTEN_RINGING,
	EVENT_EXTEN_CONNECTED,
	EVENT_EXTEN_HUNG_UP,
	EVENT_VOICEMAIL_COUNTED,
	EVENT_KINDS
};
extern const struct event_kind event_kinds[EVENT_KINDS];

/* Of EVENT_EXTERNAL_ACCOUNT_CHANGED. */
extern const struct field external_account_facts_fields[];

/* NULL: this program does not know it. */
const struct event_kind *event_kind_find(const char *name);
/* The event's facts as the struct of its kind, in the arena; NULL for a kind without any.
 * ERR_INVALID: they are not what the kind's rows say, or the kind is never in the outbox. */
MUST_CHECK enum err event_facts(const struct event_kind *kind, const struct event *e,
	struct arena *arena, const void **ret);
/* The way back: facts of that kind as the outbox keeps them, in the arena. NULL for no facts,
 * and for those that are longer than EVENT_PAYLOAD_MAX. */
const char *event_facts_json(const struct event_kind *kind, const void *facts, struct arena *arena);
/* The finished Socket.IO array, in the copy's arena. ERR_LIMIT: no relay would take it. */
MUST_CHECK enum err event_render(
	const struct client_event *c, const struct copy *copy, struct str *ret);

#endif
