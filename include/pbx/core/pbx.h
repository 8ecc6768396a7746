/*
 * The core of dialtone-pbx: which devices are registered, which calls there are, and what of it each
 * client is told (sip-integration 3.3).  It does no I/O: a back end feeds it, an owner publishes what it says.
 *
 * Nothing a back end says is trusted to be complete: events may repeat, be lost or come late.  After every gap,
 * and now and then, the owner asks the back end for all there is and tells it between pbx_sync_begin() and
 * pbx_sync_end(); what is gone ends then.
 */
#ifndef DIALTONE_PBX_CORE_PBX_H
#define DIALTONE_PBX_CORE_PBX_H

#include "events/event_kind.h"
#include "events/exten_state.h"
#include "pbx/core/directory.h"
#include "pbx/core/event.h"
#include "resources/calls/call_record.h"

struct pbx;

struct pbx_owner {
	struct pbx_directory directory;
	/* An event for clients, with the facts of its kind; about names domain, user and account. */
	void (*tell)(void *ctx, enum event_id kind, const struct event *about, const void *facts);
	/* What an order to a call needs to know of it, kept as "call:<linked id>" in {D}:st; call NULL: it is over. */
	void (*keep_call)(
		void *ctx, const char *domain, const char *linked_id, const struct pbx_event *call);
	void (*record)(void *ctx, const struct call_record *record);
	void *ctx;
};

struct pbx_limits {
	size_t calls_max, devices_max; /* what is above is counted and not told */
};

/* The owner is copied; what it names stays the caller's. */
struct pbx *pbx_new(const struct pbx_owner *owner, const struct pbx_limits *limits);
void pbx_free(struct pbx **p);

/* now_us: the wall clock, in all calls. */
void pbx_take(struct pbx *p, const struct pbx_event *e, int64_t now_us);
/* Tells what waited for its time. Returns the milliseconds until the next call is due, -1: none. */
int pbx_tick(struct pbx *p, int64_t now_us);

/* What clients were told, by a process before this one or by another program: corrected by pbx_sync_end() where it is not
 * true. May be said again at any time. */
void pbx_remember(
	struct pbx *p, const char *domain, const struct exten_state *x, const char *main_presence);

/* as_of_us: when the back end was asked; what it reported later is newer than the answer. */
void pbx_sync_begin(struct pbx *p, int64_t as_of_us);
void pbx_sync_registration(struct pbx *p, const struct pbx_event *registered);
/* kind PBX_CALL_NEW, PBX_CALL_RINGING or PBX_CALL_UP: how far it is; at_us: since when. */
void pbx_sync_call(struct pbx *p, const struct pbx_event *call);
/* What the back end could not be asked for stays as it is known. */
void pbx_sync_keep_registrations(struct pbx *p);
void pbx_sync_keep_calls(struct pbx *p);
void pbx_sync_end(struct pbx *p, int64_t now_us);
/* What was told since the last one may not have reached clients, nor {D}:st: the next pbx_sync_end() tells the state of all
 * devices, calls and users anew. */
void pbx_untold(struct pbx *p);

struct pbx_figures {
	uint64_t events, repeated, unknown_addresses, refused; /* refused: above a limit */
	uint64_t calls, devices_registered;
};
void pbx_figures(const struct pbx *p, struct pbx_figures *ret);

#endif
