/*
 * What a back end of dialtone-pbx reports: a fact of its PBX, in words that fit all of them.
 *
 * Plain data, borrowed for the call that takes it; texts that are not known are NULL.  Addresses are in lower
 * case, as accounts are kept.
 */
#ifndef DIALTONE_PBX_CORE_EVENT_H
#define DIALTONE_PBX_CORE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

/* Of SIP: sip:user@domain; user NULL: there is none. */
struct pbx_address {
	const char *user, *domain;
};

enum pbx_event_kind {
	PBX_REGISTERED,   /* a contact of `of`: new or refreshed */
	PBX_UNREGISTERED, /* a contact of `of` is gone */
	PBX_CALL_NEW,
	PBX_CALL_RINGING,   /* at `device`; may repeat */
	PBX_CALL_UP,        /* `device` answered */
	PBX_CALL_MEDIA,     /* `by` holds the call, or goes on */
	PBX_CALL_FORWARDED, /* `by` is rung no more, `target` is next */
	PBX_CALL_REFERRED,  /* `by` asks the other side to call `target` */
	PBX_CALL_ENDED,
	PBX_VOICEMAIL, /* counters of the mailbox of `of` */
};

struct pbx_event {
	enum pbx_event_kind kind;
	int64_t at_us; /* wall clock */

	struct pbx_address of;
	const char *contact, *user_agent; /* PBX_REGISTERED, PBX_UNREGISTERED */
	const char *ip, *port;
	int64_t voicemail_new, voicemail_old;

	const char *call_id; /* of SIP: one leg from its INVITE to its end */
	const char *dialog;  /* what the PBX wants to be told when the call is to end */
	const char *
		linked_id; /* "seconds.number", clients' name of the call; NULL: derived from call_id */
	struct pbx_address from, to; /* who called, and what was dialled */
	const char *from_name;
	/* The device that rings or has answered; user NULL: the one that was dialled. */
	struct pbx_address device;
	/* by: also who hung up, of PBX_CALL_ENDED. */
	struct pbx_address by, target;
	const char *replaces; /* PBX_CALL_REFERRED: call_id of a call that the new one takes over */
	bool hold;
	/* SIP status. PBX_CALL_ENDED: of a call that was not answered, 0: it was hung up; PBX_CALL_FORWARDED: why. */
	int64_t code;
};

#endif
