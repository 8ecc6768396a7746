#include "gateway.h"

struct run {
	struct attempt *attempt;
	struct dialogue *dialogue;
};

static void go_on(struct run *r);

static void on_answer(void *arg, enum err e, const struct http_answer *answer, const char *why)
{
	struct run *r = arg;

	dialogue_hear(r->dialogue, e, answer, why);
	go_on(r);
}

static void end(struct attempt *a, const struct dialogue *d)
{
	if (d->result == DELIVERED)
		attempt_done(a);
	else if (d->result == DELIVERED_LATER)
		attempt_later(a, d->after_s, d->reason);
	else
		attempt_give_up(a, d->reason);
}

static void go_on(struct run *r)
{
	struct attempt *a = r->attempt;
	const struct http_call call = r->dialogue->call;

	if (call.url)
		http_start(a->transfers, a->outgoing, &call, a->service.arena, on_answer, r);
	else
		end(a, r->dialogue);
}

void gateway_run(struct attempt *a, struct dialogue *d)
{
	struct run *r = arena_alloc(a->service.arena, sizeof(*r));

	*r = (struct run){ a, d };
	go_on(r);
}
