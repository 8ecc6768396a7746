#include "base/json_writer.h"
#include "gateways_priv.h"
#include "sms_priv.h"

#define HEADERS_MAX  16
#define RENDERED_MAX 65536
#define UNRESERVED   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

/* How a value is written into the place where it stands. */
typedef void put_fn(struct buf *out, struct str value);

/* What stands in braces in the settings. */
struct gap {
	const char *name, *value; /* "{to}" */
};
struct gaps {
	struct gap rows[5]; /* ended by a NULL name */
};

static void put_percent(struct buf *out, struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		if (strchr(UNRESERVED, value.p[i]))
			buf_add_char(out, value.p[i]);
		else
			buf_printf(out, "%%%02X", (unsigned char)value.p[i]);
}

/* Its place has the quotes. */
static void put_json(struct buf *out, struct str value)
{
	struct json_writer w;
	struct buf text;

	buf_init(&text, RENDERED_MAX);
	json_writer_init(&w, &text);
	json_str(&w, value);
	if (text.n > 2)
		buf_add(out, text.p + 1, text.n - 2);
	out->overflow |= text.overflow;
	buf_wipe(&text);
	buf_finish(&text);
}

static void put_raw(struct buf *out, struct str value)
{
	buf_add(out, value.p, value.n);
}

static const struct gap *gap_at(struct str rest, const struct gaps *gaps)
{
	for (const struct gap *g = gaps->rows; g->name; g++)
		if (str_starts(rest, g->name))
			return g;
	return NULL;
}

/* In the arena; NULL: it is too long, or has no value for a gap. */
static const char *render(
	struct arena *arena, struct str text, const struct gaps *gaps, put_fn *put)
{
	const char *made = NULL;
	bool is_whole = true;
	struct buf out;

	buf_init(&out, RENDERED_MAX);
	while (text.n) {
		const struct gap *g = gap_at(text, gaps);
		size_t n = g ? strlen(g->name) : 1;

		if (g && g->value)
			put(&out, str_from(g->value));
		else if (g)
			is_whole = false;
		else
			buf_add_char(&out, *text.p);
		text = (struct str){ text.p + n, text.n - n };
	}
	if (is_whole && !out.overflow)
		made = arena_strndup(arena, out.n ? out.p : "", out.n);
	buf_wipe(&out);
	buf_finish(&out);
	return made;
}

/* The first line of the file; NULL: there is none. */
static const char *secret_of(struct arena *arena, const char *path)
{
	const char *text;
	struct str rest, line;

	if (!*path || key_file_read(arena, path, &text) != ERR_OK)
		return NULL;
	rest = str_from(text);
	line = str_trim(str_split(&rest, '\n'));
	return line.n ? arena_strndup(arena, line.p, line.n) : NULL;
}

/* Those that want a secret where there is none are left out. */
static const char *const *headers_of(
	struct arena *arena, const char *lines, const struct gaps *gaps)
{
	const char **made = arena_alloc(arena, (HEADERS_MAX + 1) * sizeof(*made));
	struct str rest = str_from(lines);
	size_t n = 0;

	while (rest.n && n < HEADERS_MAX) {
		const char *line = render(arena, str_trim(str_split(&rest, '|')), gaps, put_raw);

		if (line && *line)
			made[n++] = line;
	}
	return made;
}

static void on_answer(struct dialogue *d, const struct http_answer *answer)
{
	if (answer->status >= 200 && answer->status < 300)
		dialogue_done(d);
	else
		dialogue_refused(d, answer);
}

static bool is_json(const char *body)
{
	return *body == '{' || *body == '[';
}

void sms_webhook_begin(
	const struct sms_settings *s, const struct sms_message *m, struct dialogue *d)
{
	const char *secret = secret_of(d->arena, s->webhook_secret_file);
	const struct gaps gaps = { { { "{to}", m->to }, { "{message}", m->text },
		{ "{id}", m->mark }, { "{secret}", secret } } };
	const char *url = render(d->arena, str_from(s->webhook_url), &gaps, put_percent);
	const char *body = render(d->arena, str_from(s->webhook_body), &gaps,
		is_json(s->webhook_body) ? put_json : put_percent);
	const struct http_call call = { .url = url,
		.headers = headers_of(d->arena, s->webhook_headers, &gaps),
		.body = str_from(body) };

	if (!secret && *s->webhook_secret_file)
		dialogue_later(
			d, 0, "the file of the setting sms_webhook_secret_file has no secret");
	else if (!url || !body || !*url)
		dialogue_later(d, 0, "the settings of the webhook want a secret and there is none");
	else
		dialogue_ask(d, &call, on_answer);
}
