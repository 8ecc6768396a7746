/*
 * Shared by the files of the core (include/pbx/core/pbx.h): what it knows of users, their devices and calls.
 *
 *   user ── device ── talk (one end of a call, as that device's user sees it)
 *                      │
 *   call ── leg ───────┘      leg: one dialog of SIP; call: the legs that transfers joined
 *            └── branch        a device that rings
 *
 * A talk outlives its leg while a transfer is under way.  All memory is the core's; texts are copies.
 */
#ifndef DIALTONE_PBX_CORE_PRIV_H
#define DIALTONE_PBX_CORE_PRIV_H

#include "base/arena.h"
#include "base/list.h"
#include "base/map.h"
#include "pbx/core/pbx.h"

#define CALL_ID_MAX  255
#define CONTACTS_MAX 32 /* of a device; the registrar allows fewer */
#define BRANCHES_MAX 64 /* devices that ring in one leg */

struct user {
	int64_t account_id;
	char *username, *domain, *name, *main_extension, *voicemail;
	struct list devices;
	char *chosen, *chosen_to; /* presence, as it was when it was last asked for */
	char *main_told;          /* main presence */
	enum exten_status strongest;
	bool is_changed;  /* since the last sync */
	bool is_doubtful; /* what was told of the main presence */
	size_t refs;      /* parties */
	int64_t checked_us;
	int64_t voicemail_new, voicemail_old; /* told; -1: nothing */
};

struct contact {
	struct list link;
	char *uri, *user_agent, *ip, *port;
	int64_t heard_us; /* by our clock, when it was last reported, or reported gone */
	bool is_gone;     /* kept, so that an older answer does not bring it back */
	bool is_seen;     /* in the sync under way */
};

struct device {
	struct user *user;
	struct list of_user, waiting;
	char *exten, *sip_user, *type;
	struct list contacts; /* oldest first */
	size_t contacts_n;
	struct list talks;
	int64_t told_us, due_us; /* due_us: 0: nothing waits */
	uint64_t told;           /* digest */
	enum exten_status status_told;
	int64_t seq;    /* told; 0: nothing, by this process */
	bool is_former; /* its user has it no more */
};

struct talk {
	struct list of_device;
	struct device *device;
	struct leg *leg;           /* NULL: remembered, or between two legs of a transfer */
	struct transfer *transfer; /* that decides what becomes of it */
	char *id, *linked_id, *unique_id;
	char *counterpart_num, *counterpart_name;
	char *source_channel, *dest_channel;
	bool outgoing, connected, on_hold, is_remembered;
	int64_t start_us, connected_us;
};

/* Who takes part in a call: an address, and whose it is. */
struct party {
	char *user, *domain;
	char *name;            /* of someone else, as the call says */
	struct user *known;    /* NULL: none of ours */
	struct device *device; /* NULL: known is NULL, or which one is to come */
	bool is_open;          /* the directory did not answer */
};

/* What its record will say. */
struct call {
	char *call_id, *linked_id;
	struct party from, to;
	size_t uses; /* legs and transfers */
	int64_t started_us, rang_us, answered_us, ended_us;
	const char *cause;
	int64_t code;
};

struct leg {
	char *call_id, *dialog, *unique_id, *dialled;
	struct call *call;
	struct transfer *transfer;   /* that it carries out */
	struct party caller, callee; /* callee: who is called now, at last who answered */
	struct talk *caller_talk, *callee_talk;
	struct list branches;
	size_t branches_n;
	bool is_up, is_seen;
	bool was_up; /* when it was first heard of */
	int64_t started_us, forwarded_us;
	int64_t heard_us; /* by our clock */
};

struct branch {
	struct list link;
	struct party party;
	struct talk *talk; /* NULL: over, or not of ours */
	bool is_over;
	int64_t over_us; /* by the clock of the PBX */
};

struct transfer {
	struct list link;
	struct leg *from, *to; /* from NULL: it has ended; to NULL: it has not begun */
	struct call *call;
	struct party moved, target;
	char *replaces;           /* call_id of the leg whose place the new one takes */
	struct talk *moved_talk;  /* NULL: none of ours */
	struct talk *target_talk; /* in the leg that is replaced */
	int64_t until_us;         /* by our clock, while it has not begun */
};

struct pbx {
	struct pbx_owner owner;
	struct pbx_limits limits;
	struct pbx_figures figures;
	struct arena *arena; /* of one report */
	int64_t now_us;      /* our clock */
	int64_t at_us;       /* that of the PBX, of what is reported */
	int64_t seq, told_n;
	struct map *users;   /* by account */
	struct map *devices; /* by address */
	struct map *legs;    /* by call_id */
	struct map *kept;    /* by domain and linked id: how many talks */
	struct map *ended;   /* by call_id: tombstones */
	struct list ended_order, transfers, waiting;
	int64_t sync_us;  /* as_of_us of the one under way */
	bool keeps_calls; /* in that one they are not known */
	bool is_untold;
};

/* cause.c */
/* Of extenHangup, for the SIP status of a call that was not answered; 0: it was hung up. */
const char *cause_of(int64_t code, bool is_absent);

/* owned_text.c: copies of texts from outside, cut where they are absurdly long. */
void owned_text_set(char **text, const char *value);
bool text_is(const char *a, const char *b); /* NULL is only NULL */

/* channel.c: names that come out the same whenever a call is told anew. */
uint32_t name_hash(const char *text, uint32_t before);
const char *channel_name(
	const char *exten, const char *call_id, const char *end, struct arena *arena);
const char *linked_id_of(const struct pbx_event *e, struct arena *arena);

/* contacts.c */
struct contact *device_contact_find(const struct device *d, const char *uri);
/* NULL: there are too many. */
struct contact *device_contact_add(struct device *d, const char *uri);
void device_contact_remove(struct device *d, struct contact *c);
const struct contact *device_contact_newest(const struct device *d);

/* device.c */
struct device *device_new(struct user *u, const struct pbx_device *of);
void device_free(struct device *d);
bool device_is_idle(const struct device *d);
enum exten_status device_status(const struct device *d);
/* As clients read it, in the arena; seq is 0. */
struct exten_state device_state(const struct device *d, struct arena *arena);
uint64_t exten_state_digest(const struct exten_state *x);

/* talk.c */
struct talk *talk_new(struct device *d, bool outgoing);
void talk_free(struct talk *t);

/* users.c */
const char *address_key(struct pbx_address a, struct arena *arena);
/* The user with that address.  ERR_NOT_FOUND: none of ours, or above the limit. */
enum err user_find(struct pbx *p, struct pbx_address a, struct user **ret);
/* One that the directory does not know any more. */
struct user *user_former(struct pbx *p, const char *domain, const struct exten_state *x);
struct device *user_device(const struct user *u, const char *exten);
/* The device with this very address. */
struct device *device_at(struct pbx *p, struct pbx_address a);
/* As clients were told. */
enum exten_status user_strongest(const struct user *u);
bool user_is_idle(const struct user *u);
void user_drop(struct pbx *p, struct user *u);
/* Devices that are not its own any more and do nothing. */
void user_tidy(struct pbx *p, struct user *u);

/* party.c */
void talk_name_counterpart(struct talk *t, const struct party *other);
void party_set(struct pbx *p, struct party *to, struct pbx_address a, const char *name);
/* Asks again who that is. */
void party_resolve(struct pbx *p, struct party *to);
void party_copy(struct party *to, const struct party *from);
void party_finish(struct party *x);
const char *party_number(const struct party *x);
const char *party_name(const struct party *x);
struct pbx_address party_address(const struct party *x);
bool party_is_at(const struct party *x, struct pbx_address a);
/* The same address or the same user. */
bool party_is(const struct party *a, const struct party *b);

/* telling.c */
void tell(struct pbx *p, const struct user *u, enum event_id kind, const void *facts);
/* Its state is told before long. */
void update_later(struct pbx *p, struct device *d);
/* All that is due; nothing is left in the arena. */
void updates_tell(struct pbx *p);
int64_t updates_due_us(const struct pbx *p); /* INT64_MAX: none */

/* kept.c: what orders need to know of calls. */
void kept_add(struct pbx *p, const struct talk *t);
void kept_write(struct pbx *p, const struct talk *t);
void kept_remove(struct pbx *p, const struct talk *t);

/* tombstone.c */
void tombstone_add(struct pbx *p, const char *call_id, int64_t at_us);
/* Whether what is reported of this call, at that time by the clock of the PBX, is of one that has ended. */
bool tombstone_covers(struct pbx *p, const struct pbx_event *e);
bool tombstone_is(const struct pbx *p, const char *call_id);
void tombstones_expire(struct pbx *p, int64_t before_us);
void tombstones_free(struct pbx *p);

/* call.c */
struct call *call_new(struct pbx *p, const struct pbx_event *e);
void call_free(struct call *c);
/* One use less; after the last the record is written. */
void call_release(struct pbx *p, struct call *c);

/* leg.c */
struct leg *leg_find(const struct pbx *p, const char *call_id);
/* Of a call that was not known; what its parties are told is its caller's. */
struct leg *leg_new(struct pbx *p, const struct pbx_event *e, struct call *c);
void leg_free(struct pbx *p, struct leg *l);
/* A talk for that device, or the one that was remembered; ret_is_new: clients have not heard of it.  NULL: it
 * was transferred away from there before a restart. */
struct talk *leg_talk(struct pbx *p, struct leg *l, struct device *d, bool outgoing,
	const struct party *other, bool *ret_is_new);
enum leg_end { END_NONE, END_CALLER, END_CALLEE };
/* Where that address is. */
enum leg_end leg_end_at(struct pbx *p, const struct leg *l, struct pbx_address a);
struct branch *branch_find(const struct leg *l, const struct party *x);
/* NULL: there are too many. */
struct branch *branch_new(struct leg *l, const struct party *x);
void branch_free(struct leg *l, struct branch *b);
/* Tells the user that it is over for that device. */
void talk_hang_up(struct pbx *p, struct talk *t, const char *cause);
/* The branch rings no more. */
void branch_end(struct pbx *p, struct branch *b, const char *cause, int64_t at_us);

/* transfer.c */
void transfer_begin(struct pbx *p, struct leg *l, const struct pbx_event *e);
/* The one that this new leg carries out; NULL: none. */
struct transfer *transfer_for(struct pbx *p, const struct pbx_event *e);
void transfer_done(struct pbx *p, struct transfer *t);
void transfer_fail(struct pbx *p, struct transfer *t, const char *cause);
/* That end of the leg has hung up: it will not be transferred. */
void transfers_give_up(struct pbx *p, const struct leg *l, struct pbx_address by);
/* That leg is gone. */
void transfers_forget(struct pbx *p, const struct leg *l);
void transfers_expire(struct pbx *p);
/* All, without a word. */
void transfers_drop(struct pbx *p);
int64_t transfers_due_us(const struct pbx *p);

/* begin.c */
/* One that was not known; NULL: it is not told. */
struct leg *leg_begin(struct pbx *p, const struct pbx_event *e);
/* Its parties that the directory did not know. */
void leg_settle(struct pbx *p, struct leg *l);
void leg_rings(struct pbx *p, struct leg *l, const struct pbx_event *e);
/* Rings as clients have been told before. */
void leg_rings_on(struct pbx *p, struct leg *l);

/* answer.c */
void leg_answered(struct pbx *p, struct leg *l, const struct pbx_event *e);
/* That end is connected, and its user told unless it was. */
void talk_connect(struct pbx *p, struct talk *t, const struct party *other);

/* ending.c */
void leg_end(struct pbx *p, struct leg *l, const struct pbx_event *e);

/* progress.c: what happens in a call. */
void call_take(struct pbx *p, const struct pbx_event *e);

/* voicemail.c */
void voicemail_take(struct pbx *p, const struct pbx_event *e);

/* registration.c */
void registration_take(struct pbx *p, const struct pbx_event *e);
void registration_add(struct pbx *p, struct device *d, const struct pbx_event *e);

#endif
