#include "gateways/dialogue.h"

#include "base/clock.h"

#define AFTER_MAX_S 86400 /* a gateway that wants more has a say in no more */

void dialogue_ask(struct dialogue *d, const struct http_call *call, dialogue_fn *answered)
{
	d->call = *call;
	d->answered = answered;
}

static void end(struct dialogue *d, enum delivered result, int64_t after_s, const char *reason)
{
	d->call.url = NULL;
	d->result = result;
	d->after_s = after_s < 0 ? 0 : after_s > AFTER_MAX_S ? AFTER_MAX_S : after_s;
	d->reason = reason;
}

void dialogue_done(struct dialogue *d)
{
	end(d, DELIVERED, 0, NULL);
}

void dialogue_later(struct dialogue *d, int64_t after_s, const char *reason)
{
	end(d, DELIVERED_LATER, after_s, reason);
}

void dialogue_never(struct dialogue *d, const char *reason)
{
	end(d, DELIVERED_NEVER, 0, reason);
}

/* Not the message's fault: who may do what there, and where it is, an operator can put right. */
static bool is_about_us(int status)
{
	return status < 400 || status == 401 || status == 403 || status == 404 || status == 405;
}

void dialogue_refused(struct dialogue *d, const struct http_answer *answer)
{
	const char *reason = arena_printf(d->arena, "the gateway answers %d", answer->status);

	if (answer->status >= 300 && answer->status < 400)
		reason = arena_printf(d->arena, "%s, a redirect, which is not followed", reason);
	if (is_about_us(answer->status) || answer->status == 408 || answer->status == 425 ||
		answer->status == 429 || answer->status >= 500)
		dialogue_later(d, answer->retry_after_s, reason);
	else
		dialogue_never(d, reason);
}

void dialogue_hear(
	struct dialogue *d, enum err e, const struct http_answer *answer, const char *why)
{
	if (e == ERR_OK)
		d->answered(d, answer);
	else
		dialogue_later(d, 0, arena_strdup(d->arena, why));
}

void dialogue_run(struct dialogue *d, struct http_client *client, int64_t until_ms)
{
	while (d->call.url) {
		struct http_call call = d->call;
		struct http_answer answer = { 0 };
		int64_t left = until_ms - clock_ms();
		enum err e;

		if (left <= 0) {
			dialogue_later(d, 0, "no time is left");
			return;
		}
		if (!call.timeout_ms || call.timeout_ms > left)
			call.timeout_ms = left;
		e = http_client_send(client, &call, d->arena, &answer);
		dialogue_hear(d, e, &answer, http_client_why(client));
	}
}
