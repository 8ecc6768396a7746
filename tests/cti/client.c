#include "stage_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

#define LIFE_S   1209600
#define TEXT_MAX 500000

static struct client *client_from(struct sio *s)
{
	return LIST_ENTRY(s, struct client, sio);
}

static void say(struct client *c, struct str word)
{
	if (c->said.n)
		buf_add_char(&c->said, ' ');
	buf_add(&c->said, word.p, word.n);
}

/* "42["name",..." is said as name, everything else as its type. */
static void on_send(struct sio *s, struct frame *f)
{
	struct client *c = client_from(s);
	struct str text = frame_text(f), rest = text;

	if (str_starts(text, "40"))
		return;
	if (c->take) {
		c->take(c, f);
		return;
	}
	buf_clear(&c->last);
	buf_add(&c->last, text.p, text.n);
	c->fleeting = f->fleeting;
	c->state = f->state;
	str_split(&rest, '"');
	say(c, str_starts(text, "42") ? str_split(&rest, '"') : (struct str){ text.p, 2 });
}

static void on_end(struct sio *s, enum sio_end how, enum close_reason why)
{
	const struct sio_closing closing = { .why = why };

	sio_close(s, &closing);
	static const char *const words[] = { "broken", "left", "retry", "restart" };
	struct client *c = client_from(s);

	c->ended = true;
	say(c, str_from(words[how]));
}

static void make_id(char out[SIO_ID_SIZE])
{
	snprintf(out, SIO_ID_SIZE, "%020u", ++stage.ids);
}

static void on_settled(struct sio *s, bool yes)
{
	client_from(s)->settled = yes;
}

static size_t on_waiting(struct sio *s)
{
	return client_from(s)->waiting;
}

const struct sio_carrier client_carrier = { on_send, on_end, make_id, on_settled, on_waiting,
	NULL };

void clients_bury(void)
{
	for (size_t i = 0; i < stage.client_n; i++) {
		struct client *c = stage.clients[i];

		if (c->ended && !c->gone) {
			c->gone = true;
			sio_on_gone(&c->sio);
		}
	}
}

static struct str copy_key(const char *jti)
{
	return str_from(arena_printf(stage.arena, "cti1:{" DOMAIN "}:tok:%s", jti));
}

/* Redis has a clock of its own, so the copy stays until it is forgotten. */
void session_copy(const char *user, const char *jti, const char *rooms, int64_t expires_s)
{
	REDIS_NUMBER(STR("HSET"), copy_key(jti), STR("u"), str_from(user), STR("otp"), STR("1"),
		STR("exp"), stage_decimal(expires_s), STR("rooms"), str_from(rooms), STR("cap"),
		STR(""));
}

void session_forget(const char *jti)
{
	REDIS_NUMBER(STR("DEL"), copy_key(jti));
}

struct client *client_open(struct relay *r)
{
	struct client *c = mem_alloc(sizeof(*c));

	assert_true(stage.client_n < STAGE_CLIENTS);
	stage.clients[stage.client_n++] = c;
	c->relay = r;
	buf_init(&c->said, TEXT_MAX);
	buf_init(&c->last, TEXT_MAX);
	sio_init(&c->sio, &r->kind, SIO_PROTOCOL_5);
	sio_start(&c->sio);
	sio_on_text(&c->sio, STR("0"));
	return c;
}

void client_send(struct client *c, const char *array)
{
	sio_on_text(&c->sio, str_from(arena_printf(stage.arena, "2%s", array)));
	stage_settle();
}

void client_drop(struct client *c)
{
	c->ended = true;
	stage_turn();
	stage_settle();
}

const char *session_token(const struct session_claims *claims)
{
	char *token;

	assert_int_equal(session_token_make(stage.keys, claims, stage.arena, &token), ERR_OK);
	return token;
}

void client_log_in(struct client *c, const char *user, const char *jti, const char *ua)
{
	const struct session_claims claims = { .id = user,
		.domain = DOMAIN,
		.jti = jti,
		.issued_at = stage_wall_s(),
		.expires_at = stage_wall_s() + LIFE_S };

	client_send(c, arena_printf(stage.arena,
			       "[\"login\",{\"accessKeyId\":\"%s\",\"token\":\"%s\"%s%s%s}]", user,
			       session_token(&claims), ua ? ",\"uaType\":\"" : "", ua ? ua : "",
			       ua ? "\"" : ""));
}

struct client *client_waiting(struct relay *r, const char *user, const char *jti, const char *ua)
{
	struct client *c = client_open(r);

	session_copy(user, jti, "all", stage_wall_s() + LIFE_S);
	client_log_in(c, user, jti, ua);
	return c;
}

struct client *client_of(struct relay *r, const char *user, const char *jti, const char *ua)
{
	struct client *c = client_waiting(r, user, jti, ua);

	assert_said(c, "authe_ok");
	return c;
}

int64_t client_ms(struct client *c)
{
	int64_t start = stage.now_ms, end = start + 100000;
	size_t had = c->said.n;

	while (c->said.n == had && stage.now_ms < end)
		stage_step(end);
	return stage.now_ms - start;
}

void client_expect(struct client *c, const char *said, const char *file, int line)
{
	_assert_string_equal(c->said.p ? c->said.p : "", said, file, line);
	buf_clear(&c->said);
}

void clients_free(void)
{
	for (size_t i = 0; i < stage.client_n; i++)
		stage.clients[i]->ended = true;
	clients_bury();
	while (stage.question_n) {
		struct question *q = &stage.questions[--stage.question_n];

		q->fn(q->arg, SESSION_UNKNOWN, STR(""));
	}
	for (size_t i = 0; i < stage.client_n; i++) {
		buf_finish(&stage.clients[i]->said);
		buf_finish(&stage.clients[i]->last);
		free(stage.clients[i]);
	}
}
