/* jobs test: whether a back end does its work, tried out at once and beside the queue. */
#define _GNU_SOURCE
#include "ctl_priv.h"

#include <poll.h>
#include <string.h>

#include "crypto/random.h"
#include "base/encode.h"
#include "delivery/backend.h"
#include "delivery/shared.h"
#include "outgoing/transfers.h"

#define WAIT_MS    1000
#define MARK_BYTES 16

struct test_input {
	const char *backend, *to, *domain;
};

static const struct field test_fields[] = {
	FIELD_TEXT(test_input, backend, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.doc = "mail, or what else begins the names of jobs"),
	FIELD_TEXT(test_input, to, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.doc = "Where to: an address, a phone number"),
	FIELD_TEXT(test_input, domain, .in = FIELD_IN_QUERY, .flags = FIELD_DOMAIN,
		.doc = "As a job of this space, by its own server; else as one of the site"),
	FIELDS_END,
};

struct test {
	struct attempt attempt;
	bool ended;
	enum attempt_result result;
	const char *reason;
};

static void on_end(struct attempt *a, const struct attempt_end *end)
{
	struct test *t = (struct test *)(void *)a;

	t->ended = true;
	t->result = end->result;
	if (end->reason)
		t->reason = arena_strdup(a->service.arena, end->reason);
}

static void wait_for_end(struct test *t)
{
	struct transfers *transfers = t->attempt.transfers;

	while (!t->ended) {
		struct pollfd p = { .fd = transfers_fd(transfers), .events = POLLIN };

		poll(&p, 1, transfers_wait_ms(transfers, WAIT_MS));
		transfers_run(transfers);
	}
}

static enum err run(struct ctl *c, const struct backend *b, const struct test_input *in,
	const struct delivery_shared *shared)
{
	uint8_t mark[MARK_BYTES];
	struct test t = { .attempt = { .service = c->service,
				  .settings = c->delivery,
				  .outgoing = &c->common->outgoing,
				  .shared = shared,
				  .push = &c->common->push,
				  .job = b->test_job(c->arena, in->to),
				  .ended = on_end } };

	random_bytes(mark, sizeof(mark));
	t.attempt.job.mark =
		hex_encode(arena_alloc(c->arena, HEX_SIZE(sizeof(mark))), mark, sizeof(mark));
	t.attempt.job.domain = in->domain ? in->domain : "";
	t.attempt.transfers = transfers_new();
	b->start(&t.attempt);
	wait_for_end(&t);
	transfers_free(&t.attempt.transfers);
	if (t.result != ATTEMPT_DONE)
		return refuse(c, ERR_UNAVAILABLE, "It failed: %s", t.reason);
	say(c, "It was taken for delivery.");
	return ERR_OK;
}

static void say_mistake(void *arg, const char *mistake)
{
	say(arg, "%s", mistake);
}

static const struct backend *find(const char *name)
{
	for (const struct backend *const *b = backends; *b; b++)
		if (strcmp((*b)->name, name) == 0)
			return *b;
	return NULL;
}

static enum err test(struct ctl *c, const void *input)
{
	const struct test_input *in = input;
	const struct backend *b = find(in->backend);
	struct delivery_shared *shared;
	enum err e;

	if (!b)
		return refuse(c, ERR_NOT_FOUND, "There is no such back end.");
	if (b->is_set_up && !b->is_set_up(c->delivery))
		return refuse(c, ERR_INVALID,
			"It is not set up: its jobs wait until they expire. See the settings of "
			"[jobs].");
	if (b->test_to && b->test_to(str_from(in->to)))
		return refuse(c, ERR_INVALID, "%s is no address for it.", in->to);
	e = delivery_shared_new(c->delivery, say_mistake, c, &shared);
	if (e != ERR_OK)
		return refuse(c, e, "Its files have mistakes.");
	e = run(c, b, in, shared);
	delivery_shared_free(&shared);
	return e;
}

const struct command job_test_commands[] = {
	{ "jobs test", test_fields, sizeof(struct test_input), NEEDS_RULES, test,
		"Send a mail or message that says it is a test, and tell what became of it" },
	{ 0 },
};
