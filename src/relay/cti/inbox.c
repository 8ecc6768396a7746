#include "inbox.h"

#include "base/log.h"
#include "catch_up.h"
#include "control.h"
#include "cti_priv.h"
#include "delivery.h"
#include "gap.h"

#define COMPLAIN_MS 1000

static void complain_of_message(struct core *core, const struct cti_channel *ch, enum err e)
{
	struct cti *cti = cti_of(core);
	int64_t now = core_now(core);
	char name[256];

	core->counters.bad_messages++;
	if (now - cti->complained_ms < COMPLAIN_MS)
		return;
	cti->complained_ms = now;
	log_warn("message dropped: reason=%s channel=%s", err_name(e),
		log_quote(name, sizeof(name), str_from(ch->name)));
}

static void take_event(struct core *core, struct cti_channel *ch, const struct message *m)
{
	if (!delivery_is_sound(m))
		complain_of_message(core, ch, ERR_PROTOCOL);
	else if (delivery_is_stale(core, m))
		core->counters.stale_messages++;
	else
		delivery_to_all(ch, m, catch_up_note);
}

static void take_message(struct core *core, struct cti_channel *ch, const struct message *m)
{
	gap_note(ch, m);
	if (m->kind == MESSAGE_CONTROL)
		control_run(ch, m);
	else
		take_event(core, ch, m);
}

void inbox_on_message(void *arg, struct subscription *sub, struct str raw)
{
	struct core *core = arg;
	struct arena *arena = cti_of(core)->arena;
	struct cti_channel *ch = LIST_ENTRY(sub, struct cti_channel, sub);
	struct message m;
	enum err e = message_parse(raw, arena, &m);

	core->counters.messages++;
	if (e != ERR_OK)
		complain_of_message(core, ch, e);
	else
		take_message(core, ch, &m);
	arena_reset(arena);
}
