#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_MAX_BYTES 4096
#define EXIT_SOFTWARE  70

static struct {
	const char *prog;
	const char *request;
	enum log_level level;
} state = { .prog = "dialtone", .level = LOG_LEVEL_INFO };

/* Lines that wait; PIPE_BUF, so that they do not mix with those of other processes. */
static struct {
	bool on;
	pid_t pid; /* while on: asking for it is a system call */
	size_t n;
	char text[LINE_MAX_BYTES];
} collected;

static const char *const level_names[] = { "debug", "info", "warn", "error" };

void log_init(const char *prog, enum log_level level)
{
	state.prog = prog;
	state.level = level;
}

void log_set_level(enum log_level level)
{
	state.level = level;
}

void log_set_level_named(const char *name)
{
	for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++)
		if (strcmp(name, level_names[i]) == 0)
			state.level = (enum log_level)i;
}

bool log_shows(enum log_level level)
{
	return level >= state.level;
}

void log_set_request(const char *id)
{
	state.request = id;
}

const char *log_request_id(void)
{
	return state.request;
}

static bool is_bare(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\')
			return false;
	}
	return s.n > 0;
}

static int escape(char *out, unsigned char c)
{
	if (c == '"' || c == '\\')
		return sprintf(out, "\\%c", c);
	if (c == '\n')
		return sprintf(out, "\\n");
	if (c < ' ' || c == 0x7f)
		return sprintf(out, "\\x%02x", c);
	out[0] = (char)c;
	return 1;
}

const char *log_quote(char *out, size_t cap, struct str s)
{
	const size_t longest_escape = 5;
	size_t n = 0;

	if (is_bare(s) && s.n < cap) {
		memcpy(out, s.p, s.n);
		out[s.n] = '\0';
		return out;
	}
	out[n++] = '"';
	for (size_t i = 0; i < s.n && n + longest_escape + 2 < cap; i++)
		n += (size_t)escape(out + n, (unsigned char)s.p[i]);
	out[n++] = '"';
	out[n] = '\0';
	return out;
}

/* A line in the making; what is too much for it is cut. */
struct line {
	char text[LINE_MAX_BYTES];
	size_t n;
};

__attribute__((format(printf, 2, 0))) static void line_vadd(
	struct line *l, const char *fmt, va_list ap)
{
	size_t room = sizeof(l->text) - 1 - l->n; /* one byte is the line feed's */
	int n = vsnprintf(l->text + l->n, room, fmt, ap);

	l->n += (size_t)n < room ? (size_t)n : room - 1;
}

__attribute__((format(printf, 2, 3))) static void line_add(struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line_vadd(l, fmt, ap);
	va_end(ap);
}

static void line_begin(struct line *l, enum log_level level)
{
	const char *id = state.request;
	char when[CLOCK_ISO_SIZE];

	l->n = 0;
	line_add(l, "ts=%s level=%s prog=%s pid=%d %s%s%s", clock_iso(when, clock_wall_us()),
		level_names[level], state.prog, (int)(collected.on ? collected.pid : getpid()),
		id ? "req=" : "", id ? id : "", id ? " " : "");
}

/* One write(), so that lines of several processes do not mix. */
static void put(const char *text, size_t n)
{
	if (n && write(STDERR_FILENO, text, n) < 0)
		return; /* nowhere left to say it */
}

void log_flush(void)
{
	put(collected.text, collected.n);
	collected.n = 0;
}

void log_collect(bool on)
{
	log_flush();
	collected.on = on;
	collected.pid = getpid();
}

bool log_waits(void)
{
	return collected.n > 0;
}

static void line_end(struct line *l, bool may_wait)
{
	bool waits = collected.on && may_wait;

	l->text[l->n++] = '\n';
	if (!waits || collected.n + l->n > sizeof(collected.text))
		log_flush();
	if (!waits) {
		put(l->text, l->n);
		return;
	}
	memcpy(collected.text + collected.n, l->text, l->n);
	collected.n += l->n;
}

__attribute__((format(printf, 2, 0))) static void sentence(
	enum log_level level, const char *fmt, va_list ap)
{
	char text[LINE_MAX_BYTES / 2], quoted[LINE_MAX_BYTES - 256];
	struct line l;

	if (!log_shows(level))
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	line_begin(&l, level);
	line_add(&l, "msg=%s", log_quote(quoted, sizeof(quoted), str_from(text)));
	line_end(&l, false);
}

#define SENTENCE(level)                   \
	do {                              \
		va_list ap;               \
		va_start(ap, fmt);        \
		sentence(level, fmt, ap); \
		va_end(ap);               \
	} while (0)

void log_debug(const char *fmt, ...)
{
	SENTENCE(LOG_LEVEL_DEBUG);
}

void log_info(const char *fmt, ...)
{
	SENTENCE(LOG_LEVEL_INFO);
}

void log_warn(const char *fmt, ...)
{
	SENTENCE(LOG_LEVEL_WARN);
}

void log_error(const char *fmt, ...)
{
	SENTENCE(LOG_LEVEL_ERROR);
}

void log_fatal(const char *fmt, ...)
{
	SENTENCE(LOG_LEVEL_ERROR);
	_exit(EXIT_SOFTWARE);
}

void log_fields(enum log_level level, const char *event, const char *fmt, ...)
{
	struct line l;
	va_list ap;

	if (!log_shows(level))
		return;
	line_begin(&l, level);
	line_add(&l, "event=%s ", event);
	va_start(ap, fmt);
	line_vadd(&l, fmt, ap);
	va_end(ap);
	line_end(&l, level < LOG_LEVEL_WARN);
}
