/* Text messages, by the back end of the setting sms_backend (accounts-api 13.4). */
#include <inttypes.h>

#include "base/json_fields.h"
#include "base/json_writer.h"
#include "base/syntax.h"
#include "gateway.h"
#include "gateways/sms.h"
#include "resources/spaces/record.h"
#include "text/translation.h"

#define SHARE       4 /* of a space, of what runs at once */
#define TEXT_MAX    4096
#define PAYLOAD_MAX 4096
#define NO_SPACE    "Dialtone"

/* Carriers want some of them approved before, so their shape is that of the seeds. */
static const struct text sms_validation = { "sms_validation",
	"Your {space} validation code is {code}." };
static const struct text sms_creation = { "sms_creation", "Your {space} creation code is {code}." };
static const struct text sms_recovery = { "sms_recovery", "Your {space} recovery code is {code}." };
static const struct text sms_minutes = { "sms_minutes",
	"The code is available for {minutes} minutes" };
static const struct text sms_test = { "sms_test", "This is a test of {space}." };

static const struct wording {
	const char *kind;
	const struct text *text;
} wordings[] = {
	{ "sms.phone_change_code", &sms_validation },
	{ "sms.creation_code", &sms_creation },
	{ "sms.recovery_code", &sms_recovery },
	{ "sms.test", &sms_test },
};

/* What a job of any kind has in its payload. */
struct facts {
	const char *phone, *code, *language;
	int64_t minutes;
};
static const struct field fact_fields[] = {
	FIELD_TEXT(facts, phone),
	FIELD_TEXT(facts, code),
	FIELD_TEXT(facts, language),
	FIELD_INT(facts, minutes),
	FIELDS_END,
};

/* One on its way. */
struct sms {
	struct sms_message message;
	struct dialogue dialogue;
};

static bool is_set_up(const struct delivery_settings *s)
{
	return s->sms.backend != SMS_NONE;
}

static struct backend_limits limits(const struct delivery_settings *s)
{
	int64_t share = s->sms.at_once / SHARE;

	return (struct backend_limits){ s->sms.at_once, share ? share : 1,
		s->sms.a_minute_per_space, "sms_per_minute_per_space" };
}

static const struct text *text_of(const char *kind)
{
	for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++)
		if (strcmp(wordings[i].kind, kind) == 0)
			return wordings[i].text;
	return NULL;
}

static void add_value(struct buf *out, struct str gap, const struct facts *f, const char *space)
{
	if (str_is(gap, "space"))
		buf_add_str(out, space);
	else if (str_is(gap, "code"))
		buf_add_str(out, f->code ? f->code : "");
	else if (str_is(gap, "minutes"))
		buf_add_int(out, f->minutes);
}

static void add_text(
	struct buf *out, const struct text *text, const struct facts *f, const char *space)
{
	enum language language = f->language ? language_find(str_from(f->language)) : LANGUAGE_EN;
	struct str rest = str_from(translation_of(
		language == LANGUAGE_COUNT ? LANGUAGE_EN : language, text->key, text->text));

	while (rest.n) {
		struct str plain = str_split(&rest, '{'), gap = str_split(&rest, '}');

		buf_add(out, plain.p, plain.n);
		add_value(out, gap, f, space);
	}
}

/* On one line, whatever a space is called. */
static const char *words_of(
	struct arena *arena, const struct text *text, const struct facts *f, const char *space)
{
	struct buf out;
	char *words;

	buf_init(&out, TEXT_MAX);
	add_text(&out, text, f, space);
	if (f->minutes) {
		buf_add_char(&out, ' ');
		add_text(&out, &sms_minutes, f, space);
	}
	words = arena_strndup(arena, out.n ? out.p : "", out.n);
	for (char *p = words; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	buf_wipe(&out);
	buf_finish(&out);
	return words;
}

/* ERR_NOT_FOUND: there is no such space any more. */
static enum err space_name(struct attempt *a, const char **ret)
{
	struct space_record space = { .name = NO_SPACE };
	enum err e = *a->job.domain ? space_record_get(&a->service, a->job.domain, &space) : ERR_OK;

	*ret = space.name;
	return e;
}

static void send_sms(
	struct attempt *a, const struct text *text, const struct facts *f, const char *space)
{
	struct arena *arena = a->service.arena;
	struct sms *sms = arena_alloc(arena, sizeof(*sms));

	sms->message =
		(struct sms_message){ f->phone, words_of(arena, text, f, space), a->job.mark };
	sms->dialogue.arena = arena;
	sms_begin(&a->settings->sms, &sms->message, &sms->dialogue);
	gateway_run(a, &sms->dialogue);
}

static void start(struct attempt *a)
{
	const struct text *text = text_of(a->job.kind);
	struct facts facts = { 0 };
	const char *space;
	enum err e;

	if (!text ||
		!json_fields_read(
			fact_fields, str_from(a->job.payload), a->service.arena, &facts) ||
		!facts.phone || !phone_is_valid(str_from(facts.phone))) {
		attempt_give_up(a, "There are no words for it, or no number.");
		return;
	}
	e = space_name(a, &space);
	if (e == ERR_NOT_FOUND)
		attempt_give_up(a, "Its space is gone.");
	else if (e != ERR_OK)
		attempt_later(a, 0, "The database did not say who sends it.");
	else
		send_sms(a, text, &facts, space);
}

static const struct text text_no_phone = { "no_phone", UNTRANSLATED("no phone number") };

static const struct text *check_to(struct str to)
{
	return phone_is_valid(to) ? NULL : &text_no_phone;
}

static struct job test_job(struct arena *arena, const char *to)
{
	const struct facts facts = { .phone = to, .language = "en" };

	return (struct job){ .kind = "sms.test",
		.domain = "",
		.payload = json_fields_text(arena, fact_fields, &facts, READER_ANY, PAYLOAD_MAX) };
}

const struct backend sms_backend = { "sms", is_set_up, limits, start, check_to, test_job };
