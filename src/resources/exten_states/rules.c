#include "resources/exten_states/exten_states.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "permissions/capability.h"
#include "resources/cti_users/directory.h"
#include "resources/extensions/extension.h"
#include "resources/live_states/live_states.h"

#define MICROS_PER_MILLI 1000

struct exten_reader exten_reader_of(int64_t account_id, const char *capabilities)
{
	return (struct exten_reader){ account_id, capability_has(capabilities, "presence_panel"),
		capability_view(capabilities) };
}

/* As it is told, else offline; whose it is says the database. */
static void write_state(struct service *s, const struct exten_owner *owner, const struct str *told,
	const struct exten_reader *reader, struct json_writer *w)
{
	bool own = owner->account_id == reader->account_id;
	struct exten_state x;

	if (!told || !told->p || exten_state_read(*told, s->arena, &x) != ERR_OK)
		x = (struct exten_state){ .status = EXTEN_OFFLINE,
			.dnd = strcmp(owner->presence, "dnd") == 0 };
	x.exten = owner->exten;
	x.name = owner->display_name ? owner->display_name : owner->username;
	x.username = owner->username;
	if (!own && !reader->sees_calls)
		x.conversations_n = 0;
	exten_state_write(
		w, &x, own ? VIEW_CLEAR : reader->view, clock_wall_us() / MICROS_PER_MILLI);
}

/* The numbers of a domain, each once: another user's main extension may be one's own device. */
struct numbers {
	struct service *s;
	struct map *told;
	struct exten_owner *items;
	size_t n;
};

static void add_number(
	struct numbers *to, const struct cti_user *u, const char *exten, bool is_device)
{
	if (map_put(to->told, str_from(exten), to->told))
		return;
	to->items[to->n++] = (struct exten_owner){ .account_id = u->account_id,
		.exten = exten,
		.username = u->username,
		.display_name = u->display_name,
		.presence = u->presence,
		.is_device = is_device };
}

/* The devices first, so that a number that is both belongs to the device's owner. */
static void collect_numbers(
	struct numbers *to, const struct rows *users, const struct rows *extensions)
{
	struct cti_directory d = cti_directory_of(users, extensions);
	const struct cti_user *u = users->items;

	to->items =
		arena_alloc(to->s->arena, (2 * users->n + extensions->n + 1) * sizeof(*to->items));
	to->told = map_new();
	while (cti_directory_next(&d))
		for (size_t i = 0; i < d.devices_n; i++)
			add_number(to, d.user, d.devices[i].exten, true);
	for (size_t i = 0; i < users->n; i++)
		add_number(to, &u[i], u[i].main_extension, false);
	map_free(&to->told);
}

/* What stands for other numbers has no state of its own; devices come first. */
static const struct str *ask(struct service *s, const char *domain, const struct numbers *of)
{
	struct live_question q = live_question_of(s->arena, of->n);

	for (size_t i = 0; i < of->n && of->items[i].is_device; i++)
		live_question_add(s->arena, &q, "exten", of->items[i].exten);
	return live_answer(s, domain, &q);
}

void exten_states_write(struct service *s, const char *domain, const struct rows *users,
	const struct rows *extensions, const struct exten_reader *reader, struct json_writer *w)
{
	struct numbers all = { .s = s };
	const struct str *told;

	collect_numbers(&all, users, extensions);
	told = ask(s, domain, &all);
	json_object_begin(w);
	for (size_t i = 0; i < all.n; i++) {
		const struct exten_owner *x = &all.items[i];

		json_key(w, x->exten);
		write_state(s, x, told && x->is_device ? &told[i] : NULL, reader, w);
	}
	json_object_end(w);
}

void exten_state_of_one(struct service *s, const char *domain, const struct exten_owner *x,
	const struct exten_reader *reader, struct json_writer *w)
{
	struct numbers one = { .s = s, .items = (struct exten_owner[]){ *x }, .n = 1 };
	const struct str *told = x->is_device ? ask(s, domain, &one) : NULL;

	write_state(s, x, told, reader, w);
}

static const char *mailbox_of(const struct cti_user *u)
{
	return u->voicemail ? u->voicemail : u->main_extension;
}

/* Users may share one. */
void voicemail_counters_write(
	struct service *s, const char *domain, const struct rows *users, struct json_writer *w)
{
	struct live_question q = live_question_of(s->arena, users->n);
	const char **mailboxes = arena_alloc(s->arena, (users->n + 1) * sizeof(*mailboxes));
	const struct cti_user *u = users->items;
	struct map *asked = map_new();
	const struct str *told;
	int64_t inbox;

	for (size_t i = 0; i < users->n; i++) {
		if (map_put(asked, str_from(mailbox_of(&u[i])), asked))
			continue;
		mailboxes[q.n] = mailbox_of(&u[i]);
		live_question_add(s->arena, &q, "vm", mailboxes[q.n]);
	}
	map_free(&asked);
	told = live_answer(s, domain, &q);
	json_object_begin(w);
	for (size_t i = 0; told && i < q.n; i++) {
		if (!live_voicemail_read(told[i], &inbox))
			continue;
		json_key(w, mailboxes[i]);
		json_object_begin(w);
		json_pair(w, "newMessageCount", arena_printf(s->arena, "%" PRId64, inbox));
		json_object_end(w);
	}
	json_object_end(w);
}
