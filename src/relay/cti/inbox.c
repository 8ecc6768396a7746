#include "inbox.h"

#include "base/log.h"
#include "base/request_id.h"
#include "catch_up.h"
#include "control.h"
#include "cti_priv.h"
#include "delivery.h"
#include "gap.h"
#include "own_extensions.h"
#include "routing.h"

static void complain(const struct cti_channel *ch, const char *reason)
{
	struct core *core = ch->core;
	char name[256];

	if (!sample_take(&cti_of(core)->complaints, core_now(core), NULL))
		return;
	log_warn("message dropped: reason=%s channel=%s: what published it is broken, may not, or "
		 "is newer than this relay",
		reason, log_quote(name, sizeof(name), str_from(ch->name)));
}

static void complain_of_message(struct core *core, const struct cti_channel *ch, enum err e)
{
	core->counters.bad_messages++;
	complain(ch, err_name(e));
}

static void note(struct cti_client *c, const struct cti_channel *ch, const struct message *m)
{
	catch_up_note(c, ch, m);
	own_extensions_note(c, ch, m);
}

static void take_event(struct core *core, struct cti_channel *ch, const struct message *m)
{
	if (delivery_is_stale(core, m))
		core->counters.stale_messages++;
	else
		delivery_to_all(ch, m, note);
}

static void hand_on(struct core *core, struct cti_channel *ch, const struct message *m)
{
	if (m->kind == MESSAGE_CONTROL)
		control_run(ch, m);
	else
		take_event(core, ch, m);
}

static void take_message(
	struct core *core, struct cti_channel *ch, const struct message *m, bool bare)
{
	struct cti_channel *target = routing_target(ch, m);

	gap_note(ch, m);
	if (m->kind == MESSAGE_EVENT && !delivery_is_sound(m)) {
		complain_of_message(core, ch, ERR_PROTOCOL);
	} else if (!routing_permits(ch, m, bare)) {
		core->counters.misplaced_messages++;
		complain(ch, "not for this channel");
	} else if (target) {
		hand_on(core, target, m);
	}
}

/* Whatever a producer says of itself has to fit a line. */
static const char *request_of(const struct message *m)
{
	return m->request_id && request_id_is_acceptable(str_from(m->request_id)) ? m->request_id
										  : NULL;
}

void inbox_on_message(void *arg, struct subscription *sub, struct str raw)
{
	struct core *core = arg;
	struct arena *arena = cti_of(core)->arena;
	struct cti_channel *ch = LIST_ENTRY(sub, struct cti_channel, sub);
	struct message m;
	enum err e = message_parse(raw, arena, &m);

	core->counters.messages++;
	if (e != ERR_OK) {
		complain_of_message(core, ch, e);
	} else {
		log_set_request(request_of(&m));
		take_message(core, ch, &m, str_starts(str_trim(raw), "["));
		log_set_request(NULL);
	}
	arena_reset(arena);
}
