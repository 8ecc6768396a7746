#include "pbx/listeners.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"

#define HEARD_MS 10000
#define QUIET_MS 100
#define KEPT_MS  15000 /* more than a client goes back at its login */
#define KEPT_MAX 1000

struct room {
	struct listeners *of;
	bool is_quiet, is_asking;
	size_t kept_n; /* for it */
	int64_t asked_ms;
	size_t name_n;
	char name[];
};

struct kept {
	struct list link;
	struct room *room;
	int64_t at_ms;
	struct redis_command command;
	struct str args[]; /* and their bytes */
};

struct listeners {
	struct pipeline *pipeline;
	void (*send)(void *arg, struct redis_command command);
	void *arg;
	struct map *rooms;
	struct list kept; /* oldest first */
	size_t kept_n;
};

struct listeners *listeners_new(
	struct pipeline *pipeline, void (*send)(void *arg, struct redis_command command), void *arg)
{
	struct listeners *l = mem_alloc(sizeof(*l));

	l->pipeline = pipeline;
	l->send = send;
	l->arg = arg;
	l->rooms = map_new();
	list_init(&l->kept);
	return l;
}

static void drop(struct listeners *l, struct kept *k)
{
	list_remove(&k->link);
	k->room->kept_n--;
	l->kept_n--;
	free(k);
}

void listeners_forget(struct listeners *l)
{
	struct str name;
	void *value;
	size_t at = 0;

	LIST_FOR_EACH(k, &l->kept, struct kept, link)
		drop(l, k);
	while (map_next(l->rooms, &at, &name, &value)) {
		struct room *r = value;

		r->is_quiet = false;
		r->asked_ms = 0;
	}
}

void listeners_free(struct listeners **l)
{
	struct str name;
	void *value;
	size_t at = 0;

	if (!*l)
		return;
	listeners_forget(*l);
	while (map_next((*l)->rooms, &at, &name, &value))
		free(value);
	map_free(&(*l)->rooms);
	free(*l);
	*l = NULL;
}

static struct room *room_of(struct listeners *l, struct str name)
{
	struct room *r = map_get(l->rooms, name);

	if (r)
		return r;
	r = mem_alloc(sizeof(*r) + name.n + 1);
	r->of = l;
	r->name_n = name.n;
	memcpy(r->name, name.p, name.n);
	map_put(l->rooms, name, r);
	return r;
}

static void publish_kept(struct room *r)
{
	LIST_FOR_EACH(k, &r->of->kept, struct kept, link)
		if (k->room == r) {
			r->of->send(r->of->arg, k->command);
			drop(r->of, k);
		}
}

/* NUMSUB answers with the name and how many. What is not answered is taken for a room with listeners. */
static void on_answer(void *arg, const struct redis_reply *reply)
{
	struct room *r = arg;

	r->is_asking = false;
	r->is_quiet = reply && reply->type == REDIS_LIST && reply->count == 2 &&
		      reply->items[1].number == 0;
	if (!r->is_quiet)
		publish_kept(r);
}

static void ask(struct room *r, int64_t now_ms)
{
	const struct str name = { r->name, r->name_n };

	r->asked_ms = now_ms;
	r->is_asking =
		pipeline_send(r->of->pipeline, REDIS_COMMAND(STR("PUBSUB"), STR("NUMSUB"), name),
			on_answer, r) == ERR_OK;
}

static int64_t due_ms(const struct room *r)
{
	return r->asked_ms ? r->asked_ms + (r->is_quiet ? QUIET_MS : HEARD_MS) : 0;
}

static void ask_when_due(struct room *r, int64_t now_ms)
{
	if (!r->is_asking && now_ms >= due_ms(r))
		ask(r, now_ms);
}

static struct kept *copy_of(struct redis_command command)
{
	size_t bytes = 0;
	struct kept *k;
	char *at;

	for (size_t i = 0; i < command.n; i++)
		bytes += command.args[i].n;
	k = mem_alloc(sizeof(*k) + command.n * sizeof(k->args[0]) + bytes);
	at = (char *)&k->args[command.n];
	for (size_t i = 0; i < command.n; i++) {
		k->args[i] = (struct str){ at, command.args[i].n };
		memcpy(at, command.args[i].p, command.args[i].n);
		at += command.args[i].n;
	}
	k->command = (struct redis_command){ k->args, command.n };
	return k;
}

static void drop_old(struct listeners *l, int64_t now_ms)
{
	LIST_FOR_EACH(k, &l->kept, struct kept, link) {
		if (l->kept_n < KEPT_MAX && now_ms - k->at_ms < KEPT_MS)
			return;
		drop(l, k);
	}
}

bool listeners_keep(struct listeners *l, struct str name, struct redis_command command)
{
	struct room *r = room_of(l, name);
	int64_t now = clock_ms();
	struct kept *k;

	if (!r->is_quiet) {
		ask_when_due(r, now);
		return false;
	}
	drop_old(l, now);
	k = copy_of(command);
	k->room = r;
	k->at_ms = now;
	list_add_tail(&l->kept, &k->link);
	l->kept_n++;
	r->kept_n++;
	ask_when_due(r, now);
	return true;
}

/* A client may come until what is kept is old. */
int64_t listeners_look(struct listeners *l, int64_t now_ms)
{
	struct str name;
	void *value;
	size_t at = 0;

	drop_old(l, now_ms);
	if (list_is_empty(&l->kept))
		return DEADLINE_NEVER;
	while (map_next(l->rooms, &at, &name, &value)) {
		struct room *r = value;

		if (r->is_quiet && r->kept_n)
			ask_when_due(r, now_ms);
	}
	return now_ms + QUIET_MS;
}
