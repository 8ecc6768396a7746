#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/json_slice.h"
#include "base/mem.h"
#include "crypto/service_token.h"
#include "gateways_priv.h"
#include "push_priv.h"

#define RENEW_MS \
	(40 * 60 * 1000) /* a token is good for an hour, and not made more than every 20 minutes */
#define HEX           "0123456789abcdefABCDEF"
#define PRIORITY_NOW  "10"
#define PRIORITY_CALM "5"

struct apns {
	const struct push_settings *settings;
	char *authorization; /* a header line; NULL: none yet */
	int64_t renew_ms;    /* clock_ms() */
};

/* How each type is said to Apple. */
static const struct apns_kind {
	const char *type, *priority, *suffix, *aps;
} kinds[] = {
	[PUSH_BACKGROUND] = { "background", PRIORITY_CALM, "", "{\"content-available\":1}" },
	[PUSH_MESSAGE] = { "alert", PRIORITY_NOW, "",
		"{\"alert\":{\"loc-key\":\"IM_MSG\",\"loc-args\":[]},\"mutable-content\":1,"
		"\"sound\":\"msg.caf\"}" },
	[PUSH_CALL] = { "voip", PRIORITY_NOW, ".voip",
		"{\"alert\":{\"loc-key\":\"IC_MSG\",\"loc-args\":[]},\"sound\":\"notes_of_the_"
		"optimistic.caf\"}" },
};

static void ask_send(struct dialogue *d);

struct apns *apns_new(const struct push_settings *settings)
{
	struct apns *a = mem_alloc(sizeof(*a));

	a->settings = settings;
	return a;
}

void apns_free(struct apns **a)
{
	if (!*a)
		return;
	mem_forget(&(*a)->authorization);
	free(*a);
	*a = NULL;
}

static bool token_make(struct apns *a, struct arena *arena)
{
	const struct push_settings *s = a->settings;
	struct service_token token = { .algorithm = SERVICE_TOKEN_ES256, .key_id = s->apns_key_id };
	const char *text;

	if (!*s->apns_key_file || key_file_read(arena, s->apns_key_file, &token.pem) != ERR_OK)
		return false;
	/* Both are letters and digits, as the settings want them. */
	token.claims = arena_printf(arena, "{\"iss\":\"%s\",\"iat\":%" PRId64 "}", s->apns_team_id,
		clock_wall_us() / CLOCK_SECOND_US);
	if (service_token_make(&token, arena, &text) != ERR_OK)
		return false;
	text = arena_printf(arena, "authorization: bearer %s", text);
	mem_forget(&a->authorization);
	a->authorization = mem_strndup(text, strlen(text));
	a->renew_ms = clock_ms() + RENEW_MS;
	return true;
}

static bool token_is_there(struct apns *a, struct arena *arena)
{
	return (a->authorization && clock_ms() < a->renew_ms) || token_make(a, arena);
}

/* What a server says in {"reason":"..."}, where it is a word. */
static const char *reason_of(struct dialogue *d, const struct http_answer *answer)
{
	const char *reason = json_member_text(d->arena, answer->body, "reason");

	if (!reason || strlen(reason) > 64 ||
		!str_is_made_of(
			str_from(reason), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return "";
	return reason;
}

static void on_sent(struct dialogue *d, const struct http_answer *answer)
{
	struct apns *a = d->gateway;
	const char *reason = reason_of(d, answer);

	if (answer->status == 200) {
		dialogue_done(d);
	} else if (answer->status == 410) {
		dialogue_never(d, "the device is not registered any more");
	} else if (answer->status == 403 && strcmp(reason, "ExpiredProviderToken") == 0 &&
		   !d->renewed) {
		d->renewed = true;
		mem_forget(&a->authorization);
		ask_send(d);
	} else {
		dialogue_refused(d, answer);
		if (*reason)
			d->reason = arena_printf(d->arena, "%s, %s", d->reason, reason);
	}
}

/* Without what the application put behind: "token:remote". */
static const char *device_of(struct arena *arena, const char *prid)
{
	struct str rest = str_from(prid), device = str_split(&rest, ':');

	return device.n && str_is_made_of(device, HEX) ? arena_strndup(arena, device.p, device.n)
						       : NULL;
}

/* pn_param is the team, a dot and the application, with what it is notified of behind: "TEAM.org.example.app.voip". */
static const char *topic_of(struct arena *arena, const char *param, const char *suffix)
{
	static const char *const ends[] = { ".voip", ".remote", NULL };
	struct str app = str_from(param), team = str_split(&app, '.');

	if (!app.n || !team.n)
		return NULL;
	for (const char *const *end = ends; *end; end++) {
		size_t n = strlen(*end);

		if (app.n > n && memcmp(app.p + app.n - n, *end, n) == 0)
			app.n -= n;
	}
	return arena_printf(arena, "%.*s%s", (int)app.n, app.p, suffix);
}

static const char *body_of(struct arena *arena, const struct push_message *m)
{
	struct json_writer w;
	struct buf body;

	buf_init(&body, PUSH_BODY_MAX);
	json_writer_init(&w, &body);
	json_object_begin(&w);
	json_key(&w, "aps");
	json_raw(&w, kinds[m->type].aps);
	json_pair(&w, "from-uri", "");
	json_pair(&w, "display-name", "");
	json_pair(&w, "call-id", m->call_id ? m->call_id : "");
	json_key(&w, "pn_ttl");
	json_int(&w, push_life_s(m->type));
	json_key(&w, "customPayload");
	json_raw(&w, m->payload ? m->payload : "{}");
	json_object_end(&w);
	return buf_to_arena(&body, arena);
}

static const char *const *headers_of(struct dialogue *d, const char *topic)
{
	const struct apns *a = d->gateway;
	const struct push_message *m = d->message;
	const struct apns_kind *kind = &kinds[m->type];
	int64_t end = clock_wall_us() / CLOCK_SECOND_US + push_life_s(m->type);
	const char **lines = arena_alloc(d->arena, 7 * sizeof(*lines));

	lines[0] = arena_strdup(d->arena, a->authorization);
	lines[1] = arena_printf(d->arena, "apns-topic: %s", topic);
	lines[2] = arena_printf(d->arena, "apns-push-type: %s", kind->type);
	lines[3] = arena_printf(d->arena, "apns-priority: %s", kind->priority);
	lines[4] = arena_printf(d->arena, "apns-expiration: %" PRId64, end);
	lines[5] = "content-type: application/json";
	return lines;
}

static void ask_send(struct dialogue *d)
{
	struct apns *a = d->gateway;
	const struct push_message *m = d->message;
	const char *url = strcmp(m->provider, "apns") == 0 ? a->settings->apns_url
							   : a->settings->apns_sandbox_url;
	const char *device = device_of(d->arena, m->prid), *body = body_of(d->arena, m);
	const char *topic = topic_of(d->arena, m->param, kinds[m->type].suffix);
	struct http_call call = { .body = str_from(body) };

	if (!device || !topic || !body) {
		dialogue_never(d, "no device, application or notification that Apple knows");
	} else if (!token_is_there(a, d->arena)) {
		dialogue_later(d, 0, "the key for Apple cannot be used");
	} else {
		call.url = arena_printf(d->arena, "%s/3/device/%s", url, device);
		call.headers = headers_of(d, topic);
		dialogue_ask(d, &call, on_sent);
	}
}

void apns_begin(struct apns *a, const struct push_message *m, struct dialogue *d)
{
	d->gateway = a;
	d->message = m;
	ask_send(d);
}
