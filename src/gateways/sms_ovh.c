#include <inttypes.h>

#include "base/clock.h"
#include "base/json_slice.h"
#include "base/json_writer.h"
#include "crypto/hash.h"
#include "gateways_priv.h"
#include "sms_priv.h"

#define BODY_MAX   16384
#define VALIDITY   2880 /* minutes for which it is tried to reach the phone */
#define SERVICE_OF "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
#define REPLY_MAX  512

/* A message on its way (accounts-api 13.4): the server's time, where it is not known the name of a service of ours,
 * then the message. */
struct ovh {
	const struct sms_settings *settings;
	const struct sms_message *message;
	const char *secret, *consumer;
	int64_t ahead_s; /* the server's clock, of ours */
	const char *service;
};

static int64_t now_s(void)
{
	return clock_wall_us() / CLOCK_SECOND_US;
}

static bool secrets_read(struct arena *arena, const char *path, struct ovh *o)
{
	const char *text;
	struct str rest, secret, consumer;

	if (!*path || key_file_read(arena, path, &text) != ERR_OK)
		return false;
	rest = str_from(text);
	secret = str_trim(str_split(&rest, '\n'));
	consumer = str_trim(str_split(&rest, '\n'));
	o->secret = arena_strndup(arena, secret.p, secret.n);
	o->consumer = consumer.n ? arena_strndup(arena, consumer.p, consumer.n) : "";
	return secret.n && consumer.n;
}

/* One more request of it, signed as the server wants it. */
static void ask(struct dialogue *d, const char *path, const char *body, dialogue_fn *answered)
{
	const struct ovh *o = d->gateway;
	const char *url = arena_printf(d->arena, "%s%s", o->settings->ovh_url, path);
	const char *time = arena_printf(d->arena, "%" PRId64, now_s() + o->ahead_s);
	const char *text = arena_printf(d->arena, "%s+%s+%s+%s+%s+%s", o->secret, o->consumer,
		body ? "POST" : "GET", url, body ? body : "", time);
	const char **headers = arena_alloc(d->arena, 6 * sizeof(*headers));
	char signature[SHA1_HEX_SIZE];

	hash_sha1_hex(str_from(text), signature);
	headers[0] =
		arena_printf(d->arena, "X-Ovh-Application: %s", o->settings->ovh_application_key);
	headers[1] = arena_printf(d->arena, "X-Ovh-Consumer: %s", o->consumer);
	headers[2] = arena_printf(d->arena, "X-Ovh-Timestamp: %s", time);
	headers[3] = arena_printf(d->arena, "X-Ovh-Signature: $1$%s", signature);
	headers[4] = "Content-Type: application/json";
	dialogue_ask(d,
		&(struct http_call){
			.url = url, .headers = headers, .body = { body, body ? strlen(body) : 0 } },
		answered);
}

/* An error with a code of theirs is about our credentials, our clock or our credit, not about the message. */
static void refused_with(struct dialogue *d, const struct http_answer *answer)
{
	const char *code = json_member_text(d->arena, answer->body, "errorCode");

	dialogue_refused(d, answer);
	if (code && strlen(code) <= 64 &&
		str_is_made_of(str_from(code), "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"))
		dialogue_later(d, answer->retry_after_s,
			arena_printf(d->arena, "the gateway answers %d, %s", answer->status, code));
}

static bool has_some(struct str list)
{
	struct str item;

	return json_slice_kind(list) == JSON_ARRAY && json_slice_next(&list, NULL, &item);
}

static void on_sent(struct dialogue *d, const struct http_answer *answer)
{
	struct str reply = str_trim(answer->body), receivers;

	if (answer->status != 200)
		refused_with(d, answer);
	else if (!json_slice_is_valid(reply))
		dialogue_later(d, 0, "the gateway answers nonsense");
	else if (json_slice_member(reply, "validReceivers", &receivers) && !has_some(receivers))
		dialogue_never(d, "the gateway knows no such number");
	else
		dialogue_done(d);
}

static void put_texts(struct json_writer *w, const char *const *pairs)
{
	for (; *pairs; pairs += 2)
		json_pair(w, pairs[0], pairs[1]);
}

/* As the seeds send it. */
static const char *body_of(struct arena *arena, const struct ovh *o)
{
	const char *const texts[] = { "charset", "UTF-8", "class", "phoneDisplay", "coding", "7bit",
		"message", o->message->text, "priority", "high",
		*o->settings->ovh_sender ? "sender" : NULL, o->settings->ovh_sender, NULL };
	struct json_writer w;
	struct buf body;

	buf_init(&body, BODY_MAX);
	json_writer_init(&w, &body);
	json_object_begin(&w);
	put_texts(&w, texts);
	json_key(&w, "noStopClause");
	json_flag(&w, true);
	json_key(&w, "receivers");
	json_array_begin(&w);
	json_text(&w, o->message->to);
	json_array_end(&w);
	json_key(&w, "senderForResponse");
	json_flag(&w, false);
	json_key(&w, "validityPeriod");
	json_int(&w, VALIDITY);
	json_object_end(&w);
	return buf_to_arena(&body, arena);
}

static void send_message(struct dialogue *d)
{
	const struct ovh *o = d->gateway;
	const char *body = body_of(d->arena, o);

	if (body)
		ask(d, arena_printf(d->arena, "/sms/%s/jobs", o->service), body, on_sent);
	else
		dialogue_never(d, "the message is too long");
}

static bool is_service(const char *name)
{
	return *name && str_is_made_of(str_from(name), SERVICE_OF) && *name != '.';
}

static void on_services(struct dialogue *d, const struct http_answer *answer)
{
	struct str list = str_trim(answer->body), first;
	char name[REPLY_MAX];
	struct ovh *o = d->gateway;
	size_t n;

	if (answer->status != 200) {
		refused_with(d, answer);
		return;
	}
	if (!json_slice_is_valid(list) || json_slice_kind(list) != JSON_ARRAY ||
		!json_slice_next(&list, NULL, &first) ||
		!json_slice_text(first, name, sizeof(name), &n) || !is_service(name)) {
		dialogue_later(d, 0, "the gateway names no service of ours");
		return;
	}
	o->service = arena_strdup(d->arena, name);
	send_message(d);
}

static void on_time(struct dialogue *d, const struct http_answer *answer)
{
	struct ovh *o = d->gateway;
	uint64_t time;

	if (answer->status != 200) {
		dialogue_refused(d, answer);
		return;
	}
	if (!str_to_uint(str_trim(answer->body), INT32_MAX, &time)) {
		dialogue_later(d, 0, "the gateway tells no time");
		return;
	}
	o->ahead_s = (int64_t)time - now_s();
	if (is_service(o->service))
		send_message(d);
	else
		ask(d, "/sms", NULL, on_services);
}

void sms_ovh_begin(
	const struct sms_settings *settings, const struct sms_message *m, struct dialogue *d)
{
	struct ovh *o = arena_alloc(d->arena, sizeof(*o));
	const struct http_call time = { .url = arena_printf(
						d->arena, "%s/auth/time", settings->ovh_url) };

	*o = (struct ovh){ .settings = settings, .message = m, .service = settings->ovh_service };
	d->gateway = o;
	if (secrets_read(d->arena, settings->ovh_secrets_file, o))
		dialogue_ask(d, &time, on_time);
	else
		dialogue_later(
			d, 0, "the file of the setting sms_ovh_secrets_file has no two secrets");
}
