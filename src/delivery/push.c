/*
 * Push notifications as attempts.  The calls that send one wait for it (accounts-api 13.9), so no job is of this
 * back end: it is here for its self-test.
 */
#include "base/clock.h"
#include "base/json_fields.h"
#include "base/json_writer.h"
#include "gateway.h"
#include "gateways/push.h"
#include "resources/push/fields.h"

#define TEST_MS     3000
#define PAYLOAD_MAX 4096
#define SEPARATOR   ':'

static const struct field device_fields[] = {
	FIELD_TEXT(push_device, pn_provider),
	FIELD_TEXT(push_device, pn_param),
	FIELD_TEXT(push_device, pn_prid),
	FIELDS_END,
};

/* One on its way. */
struct push {
	struct push_device device;
	struct push_message message;
	struct dialogue dialogue;
	struct push_gateway *gateway;
};

static void push_end(void *arg)
{
	struct push *p = arg;

	push_gateway_free(&p->gateway);
}

static void start(struct attempt *a)
{
	struct arena *arena = a->service.arena;
	struct push *p = arena_alloc(arena, sizeof(*p));

	if (!a->push || !a->job.payload ||
		!json_fields_read(device_fields, str_from(a->job.payload), arena, &p->device)) {
		attempt_give_up(a, "There is no device, or nothing that would reach it.");
		return;
	}
	p->gateway = push_gateway_new(a->push, a->outgoing);
	arena_defer(arena, push_end, p);
	p->message = (struct push_message){ p->device.pn_provider, p->device.pn_param,
		p->device.pn_prid, PUSH_BACKGROUND, NULL, "{\"test\":true}" };
	p->dialogue.arena = arena;
	push_begin(p->gateway, &p->message, clock_ms() + TEST_MS, &p->dialogue);
	gateway_run(a, &p->dialogue);
}

/* "fcm:my_project:dd7f8c2a:remote": the provider, the application, and the rest is the device. */
static bool split(
	struct str to, struct str *ret_provider, struct str *ret_param, struct str *ret_prid)
{
	*ret_provider = str_split(&to, SEPARATOR);
	*ret_param = str_split(&to, SEPARATOR);
	*ret_prid = to;
	return str_is_one_of(*ret_provider, push_providers) && ret_param->n && ret_prid->n &&
	       ret_param->n <= PUSH_PARAM_MAX && ret_prid->n <= PUSH_PRID_MAX &&
	       !push_param_check(*ret_param) && !push_prid_check(*ret_prid);
}

static const struct text no_device = { "no_device", UNTRANSLATED("no device") };

static const struct text *check_to(struct str to)
{
	struct str provider, param, prid;

	return split(to, &provider, &param, &prid) ? NULL : &no_device;
}

static struct job test_job(struct arena *arena, const char *to)
{
	struct str provider = { 0 }, param = { 0 }, prid = { 0 };
	struct push_device device = { 0 };

	if (split(str_from(to), &provider, &param, &prid))
		device = (struct push_device){ arena_strndup(arena, provider.p, provider.n),
			arena_strndup(arena, param.p, param.n),
			arena_strndup(arena, prid.p, prid.n) };
	return (struct job){ .kind = "push.test",
		.domain = "",
		.payload =
			json_fields_text(arena, device_fields, &device, READER_ANY, PAYLOAD_MAX) };
}

const struct backend push_backend = {
	.name = "push", .start = start, .test_to = check_to, .test_job = test_job
};
