/* api, jobs, relay: looks into a running program through its metrics_socket. */
#define _GNU_SOURCE
#include "ctl_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/unix_call.h"

#define ANSWER_MAX ((size_t)16 << 20)
#define SID_MAX    64

struct relay_input {
	const char *socket, *user, *sid;
	int64_t rate;
	bool back;
};

#define SOCKET_FIELD                                                                  \
	FIELD_TEXT(relay_input, socket, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, \
		.doc = "The setting metrics_socket of the program")

static const struct field status_input_fields[] = { SOCKET_FIELD, FIELDS_END };

static const struct field sessions_input_fields[] = {
	SOCKET_FIELD,
	FIELD_TEXT(relay_input, user, .in = FIELD_IN_QUERY, .doc = "Only this user's"),
	FIELDS_END,
};

static const struct field kick_fields[] = {
	SOCKET_FIELD,
	FIELD_TEXT(relay_input, sid, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .max = SID_MAX,
		.doc = "As relay sessions shows it"),
	FIELD_BOOL(relay_input, back, .in = FIELD_IN_QUERY,
		.doc = "It may come back; else it is logged out"),
	FIELDS_END,
};

static const struct field drain_fields[] = {
	SOCKET_FIELD,
	FIELD_INT(relay_input, rate, .in = FIELD_IN_QUERY, .max = INT32_MAX,
		.doc = "Clients a second"),
	FIELDS_END,
};

struct relay_figure {
	const char *name, *labels;
	int64_t value;
};

static const struct field figure_fields[] = {
	FIELD_TEXT(relay_figure, name),
	FIELD_TEXT(relay_figure, labels),
	FIELD_INT(relay_figure, value),
	FIELDS_END,
};

struct relay_session {
	const char *sid, *user, *domain, *client;
	int64_t since; /* microseconds */
};

static const struct field session_fields[] = {
	FIELD_TEXT(relay_session, sid),
	FIELD_TEXT(relay_session, user),
	FIELD_TEXT(relay_session, domain),
	FIELD_TEXT(relay_session, client),
	FIELD_TIME(relay_session, since),
	FIELDS_END,
};

/* Asks; the answer lives in the arena. */
static enum err ask(struct ctl *c, const char *path, const char *line, char **ret)
{
	struct buf answer;
	enum err e;

	buf_init(&answer, ANSWER_MAX);
	e = unix_call_make(path, line, &answer);
	if (e == ERR_OK)
		*ret = arena_strndup(c->arena, answer.n ? answer.p : "", answer.n);
	buf_finish(&answer);
	if (e == ERR_UNAVAILABLE)
		return refuse(c, e, "No program answers at %s.", path);
	return e == ERR_OK ? e
			   : refuse(c, ERR_UNAVAILABLE, "The program at %s did not answer in full.",
				     path);
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* The next field of a line, cut off in place. */
static const char *field_cut(char **rest)
{
	const char *field = strsep(rest, "\t");

	return field ? field : "";
}

static enum err status(struct ctl *c, const void *input)
{
	const struct relay_input *in = input;
	struct relay_figure *figures;
	char *text, *line;
	size_t n = 0;
	enum err e = ask(c, in->socket, "status\n", &text);

	if (e != ERR_OK)
		return e;
	figures = arena_alloc(c->arena, (count_lines(text) + 1) * sizeof(*figures));
	while ((line = strsep(&text, "\n")) && *line) {
		figures[n].name = field_cut(&line);
		figures[n].labels = field_cut(&line);
		figures[n++].value = strtoll(field_cut(&line), NULL, 10);
	}
	table_rows(c, figure_fields, figures, sizeof(*figures), n);
	return ERR_OK;
}

static enum err sessions(struct ctl *c, const void *input)
{
	const struct relay_input *in = input;
	struct relay_session *rows;
	char *text, *line;
	size_t n = 0;
	enum err e = ask(c, in->socket,
		arena_printf(c->arena, "sessions %s\n", in->user ? in->user : ""), &text);

	if (e != ERR_OK)
		return e;
	rows = arena_alloc(c->arena, (count_lines(text) + 1) * sizeof(*rows));
	while ((line = strsep(&text, "\n")) && *line) {
		struct relay_session *s = &rows[n++];

		s->sid = field_cut(&line);
		s->user = field_cut(&line);
		s->domain = field_cut(&line);
		s->client = field_cut(&line);
		s->since = strtoll(field_cut(&line), NULL, 10) * CLOCK_SECOND_US;
	}
	table_rows(c, session_fields, rows, sizeof(*rows), n);
	return ERR_OK;
}

/* The answer is "ok", or why not. */
static enum err order(struct ctl *c, const char *path, const char *line)
{
	char *text = NULL;
	enum err e = ask(c, path, line, &text);

	if (e != ERR_OK || strcmp(text, "ok\n") == 0)
		return e;
	return refuse(c, ERR_NOT_FOUND, "The relay says: %.*s.", (int)strcspn(text, "\n"), text);
}

static enum err kick(struct ctl *c, const void *input)
{
	const struct relay_input *in = input;

	return order(c, in->socket,
		arena_printf(c->arena, "kick %s%s\n", in->sid, in->back ? " back" : ""));
}

static enum err drain(struct ctl *c, const void *input)
{
	const struct relay_input *in = input;

	return order(c, in->socket, arena_printf(c->arena, "drain %" PRId64 "\n", in->rate));
}

const struct command relay_commands[] = {
	{ "api status", status_input_fields, sizeof(struct relay_input), NEEDS_NOTHING, status,
		"Show what the API counts" },
	{ "jobs status", status_input_fields, sizeof(struct relay_input), NEEDS_NOTHING, status,
		"Show how many jobs wait, were done and failed, by kind" },
	{ "pbx status", status_input_fields, sizeof(struct relay_input), NEEDS_NOTHING, status,
		"Show what dialtone-pbx counts" },
	{ "relay status", status_input_fields, sizeof(struct relay_input), NEEDS_NOTHING, status,
		"Show what a relay counts" },
	{ "relay sessions", sessions_input_fields, sizeof(struct relay_input), NEEDS_NOTHING,
		sessions, "List the clients logged in at a relay" },
	{ "relay kick", kick_fields, sizeof(struct relay_input), NEEDS_NOTHING, kick,
		"Send a client away" },
	{ "relay drain", drain_fields, sizeof(struct relay_input), NEEDS_NOTHING, drain,
		"Send all clients of a relay elsewhere and let no new ones in" },
	{ 0 },
};
