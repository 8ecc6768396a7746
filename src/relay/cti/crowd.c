#include "crowd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "redis/live_sockets.h"
#include "relay/core/client.h"
#include "relay/core/send.h"

#define MAX_SIZE 16 /* of a limit in decimal */

/* It goes on without the client that began it: others may have come since. */
struct crowd {
	struct list link;    /* in the application's, while its judgement is waited for */
	struct deadline due; /* of that */
	struct core *core;
	char sid[SIO_ID_SIZE]; /* in its name was asked */
	char key[];
};

static void crowd_free(struct crowd *crowd)
{
	list_remove(&crowd->link);
	deadline_clear(&crowd->due);
	free(crowd);
}

/* NULL: the user is not looked at. */
static struct crowd *crowd_find(struct core *core, struct str key)
{
	LIST_FOR_EACH(crowd, &cti_of(core)->crowds, struct crowd, link)
		if (str_is(key, crowd->key))
			return crowd;
	return NULL;
}

static struct crowd *crowd_new(struct core *core, struct str key, const char *sid)
{
	struct crowd *crowd = mem_alloc(sizeof(*crowd) + key.n + 1);

	crowd->core = core;
	snprintf(crowd->sid, sizeof(crowd->sid), "%s", sid);
	memcpy(crowd->key, key.p, key.n);
	list_init(&crowd->link);
	deadline_init(&crowd->due);
	return crowd;
}

/* list: relay and sid in turn. */
static void tell_each(struct core *core, const struct redis_reply *list, const struct message *m)
{
	for (size_t i = 0; i + 1 < list->count; i += 2) {
		const char *sid = list->items[i + 1].text.p;
		struct message one = *m;

		one.sids = (struct message_list){ &sid, 1 };
		send_to_relay(core, list->items[i].text.p, &one, NULL, NULL);
	}
}

/* Of two that came in the same moment the second has asked last, in its own name: one judgement will do. */
static void judge_later(struct crowd *crowd)
{
	struct cti *cti = cti_of(crowd->core);
	struct crowd *other = crowd_find(crowd->core, str_from(crowd->key));

	if (other) {
		memcpy(other->sid, crowd->sid, sizeof(other->sid));
		crowd_free(crowd);
		return;
	}
	list_add_tail(&cti->crowds, &crowd->link);
	deadline_set(
		&crowd->due, &cti->roll_calls, core_now(crowd->core) + cti->settings->roll_call_ms);
}

static void on_entered(void *arg, const struct redis_reply *asked)
{
	const struct message m = { .kind = MESSAGE_CONTROL, .op = MESSAGE_ROLL_CALL };
	struct crowd *crowd = arg;

	if (!asked || !asked->count) {
		crowd_free(crowd);
		return;
	}
	tell_each(crowd->core, asked, &m);
	judge_later(crowd);
}

static void put_max(char out[MAX_SIZE], struct core *core)
{
	snprintf(out, MAX_SIZE, "%" PRIu32, cti_of(core)->settings->user_sockets_max);
}

/* Those who come while a judgement is waited for are counted by it. */
void crowd_enter(struct core *core, struct str key, const char *sid, struct str entry, bool counted)
{
	struct crowd *crowd = counted && !crowd_find(core, key) ? crowd_new(core, key, sid) : NULL;
	char max[MAX_SIZE] = "";

	if (crowd)
		put_max(max, core);
	if (pipeline_send(core->commands,
		    REDIS_COMMAND(LIVE_SOCKETS_ENTER(key, str_from(sid), entry, str_from(max))),
		    crowd ? on_entered : NULL, crowd) != ERR_OK &&
		crowd)
		crowd_free(crowd);
}

/* 41 would end the session of all of them, so the oldest may come back. */
static void on_judged(void *arg, const struct redis_reply *oldest)
{
	const struct message m = { .kind = MESSAGE_CONTROL,
		.op = MESSAGE_KICK,
		.how = "transport",
		.why = MESSAGE_WHY_CROWD };
	struct crowd *crowd = arg;

	for (size_t i = 0; oldest && i + 1 < oldest->count; i += 2)
		client_note_crowd(crowd->core);
	if (oldest)
		tell_each(crowd->core, oldest, &m);
	crowd_free(crowd);
}

/* Without Redis the next look at one of them finds it again. */
void crowd_on_due(struct deadline *d, int64_t now_ms)
{
	struct crowd *crowd = LIST_ENTRY(d, struct crowd, due);
	char max[MAX_SIZE];

	(void)now_ms;
	put_max(max, crowd->core);
	list_remove(&crowd->link);
	if (pipeline_send(crowd->core->commands,
		    REDIS_COMMAND(LIVE_SOCKETS_JUDGE(
			    str_from(crowd->key), str_from(crowd->sid), str_from(max))),
		    on_judged, crowd) != ERR_OK)
		crowd_free(crowd);
}

void crowd_free_all(struct cti *cti)
{
	LIST_FOR_EACH(crowd, &cti->crowds, struct crowd, link)
		crowd_free(crowd);
}
