/*
 * An event: a fact that was written in the transaction that made it true (a row of the outbox), or that
 * a producer reports.  It names what happened, to which account, and what of it is worth telling; who
 * hears of it and in which words is event_kind.h.
 *
 * Plain data; texts belong to the arena they were read into.
 */
#ifndef DIALTONE_EVENTS_EVENT_H
#define DIALTONE_EVENTS_EVENT_H

#include <stdbool.h>
#include <stdint.h>

struct event {
	int64_t id;
	const char *kind;              /* a name of event_kinds */
	const char *domain, *username; /* as they were then; username NULL: of the whole domain */
	int64_t account_id;            /* of a profile's users: those above it are still to come */
	int64_t profile_id;     /* of a profile's users; 0: those without a profile of their own */
	const char *sessions;   /* ids with spaces between them, NULL: none */
	const char *facts;      /* a JSON object as the kind's rows say; NULL: none */
	const char *request_id; /* that it follows from; NULL: from none */
	int64_t created_at;     /* microseconds */
};

/* The facts of the kinds, as their names say; those of exten.changed are struct exten_state. */
struct account_facts {
	bool activated, blocked;
};

struct presence_facts {
	const char *which; /* "now", "on_busy", "on_unavailable" */
	const char *status, *to;
};

struct device_facts {
	const char *exten;
};

struct avatar_facts {
	const char *avatar; /* a data: URL; NULL: it was removed */
};

struct external_account_facts {
	const char *identifier;        /* its id, as text */
	const char *username, *domain; /* at the provider */
};

struct lock_facts {
	const char *kind; /* "password_locked", "otp_locked" */
	int64_t until;    /* microseconds */
};

/* The event's user asked for it over the API: a client of theirs is to act. */
struct client_order_facts {
	const char *action; /* "callWebrtc", "answerWebrtc", "actionNethLink" */
	const char *first;  /* a number, an extension, an address */
	const char *second; /* of actionNethLink: "call", "answer"; else NULL */
};

struct main_presence_facts {
	const char *status, *to; /* to: of callforward, else NULL */
};

/* Of a device of the event's user: a call rings there. */
struct exten_ringing_facts {
	const char *dialled, *caller, *caller_name;
};

struct exten_connected_facts {
	const char *exten, *counterpart;
	bool outgoing;
	const char *unique_id, *linked_id;
};

struct exten_hung_up_facts {
	const char *exten, *counterpart;
	const char *cause; /* "normal_clearing" ... */
};

struct voicemail_facts {
	const char *mailbox;
	int64_t inbox, old; /* messages not heard yet, and those heard */
};

#endif
