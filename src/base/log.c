#include "base/log.h"

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_MAX_BYTES 4096
#define EXIT_SOFTWARE  70
#define STALL_MS       250 /* that a reader may make us wait, once */

static struct {
	const char *prog;
	const char *request;
	enum log_level level;
	bool journal; /* the reader is one that takes priorities */
} state = { .prog = "dialtone", .level = LOG_LEVEL_INFO };

/* Lines that wait; PIPE_BUF, so that they do not mix with those of other processes. */
static struct {
	bool on;
	pid_t pid; /* while on: asking for it is a system call */
	size_t n;
	char text[LINE_MAX_BYTES];
} collected;

/* The reader takes nothing, or the disk is full: what is lost until they take something again. */
static struct {
	bool now;
	bool torn;     /* the last line that was written has no end */
	uint64_t lost; /* lines */
} stalled;

/* As they are called here, and in the journal (sd-daemon(3)). */
static const struct {
	const char *name;
	int priority;
} levels[] = { { "debug", 7 }, { "info", 6 }, { "warn", 4 }, { "error", 3 } };

/* The variable is inherited; what names the same file is not (systemd.exec(5), JOURNAL_STREAM). */
static bool is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat st;

	if (!stream || fstat(fd, &st) < 0)
		return false;
	snprintf(own, sizeof(own), "%" PRIuMAX ":%" PRIuMAX, (uintmax_t)st.st_dev,
		(uintmax_t)st.st_ino);
	return strcmp(stream, own) == 0;
}

void log_init(const char *prog, enum log_level level)
{
	state.prog = prog;
	state.level = level;
	state.journal = is_journal(STDERR_FILENO);
}

const char *log_mistake_mark(int fd)
{
	return is_journal(fd) ? "<3>" : "";
}

void log_set_level(enum log_level level)
{
	state.level = level;
}

void log_set_level_named(const char *name)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(name, levels[i].name) == 0)
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

/* In decimal. */
static const char *int_text(char digits[24], int64_t v)
{
	uint64_t left = v < 0 ? -(uint64_t)v : (uint64_t)v;
	char *p = digits + 23;

	*p = '\0';
	do
		*--p = (char)('0' + left % 10);
	while (left /= 10);
	if (v < 0)
		*--p = '-';
	return p;
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

static void line_put(struct line *l, struct str s)
{
	const size_t room = sizeof(l->text) - 2 - l->n; /* as above, and a NUL's */
	const size_t n = s.n < room ? s.n : room;

	memcpy(l->text + l->n, s.p, n);
	l->n += n;
}

static void line_put_text(struct line *l, const char *name, const char *value)
{
	line_put(l, str_from(name));
	line_put(l, str_from(value));
}

static void line_put_int(struct line *l, const char *name, int64_t v)
{
	char digits[24];

	line_put_text(l, name, int_text(digits, v));
}

/* Put together by hand: there is such a line for each request. */
static void line_begin(struct line *l, enum log_level level)
{
	char when[CLOCK_ISO_SIZE];

	l->n = 0;
	if (state.journal)
		line_add(l, "<%d>", levels[level].priority);
	line_put_text(l, "ts=", clock_iso(when, clock_wall_us()));
	line_put_text(l, " level=", levels[level].name);
	line_put_text(l, " prog=", state.prog);
	line_put_int(l, " pid=", collected.on ? collected.pid : getpid());
	if (state.request)
		line_put_text(l, " req=", state.request);
	line_put(l, STR(" "));
}

static bool is_taken(int wait_ms)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&p, 1, wait_ms) != 0;
}

static uint64_t lines_in(const char *text, size_t n)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	return lines;
}

/* One write(), so that lines of several processes do not mix. */
static void write_line(const char *text, size_t n)
{
	ssize_t result = write(STDERR_FILENO, text, n);
	size_t done = result > 0 ? (size_t)result : 0;

	if (done > 0)
		stalled.torn = text[done - 1] != '\n';
	stalled.lost += lines_in(text + done, n - done);
}

static void tell_loss(void)
{
	uint64_t lost = stalled.lost;
	struct line l;

	if (stalled.torn)
		write_line("\n", 1);
	line_begin(&l, LOG_LEVEL_WARN);
	line_add(&l, "event=lost lines=%" PRIu64 "\n", lost);
	stalled.lost = 0;
	write_line(l.text, l.n);
	/* Of itself nothing is lost that has to be told. */
	if (stalled.lost)
		stalled.lost = lost;
}

/* A reader that stands still, a journal whose disk does, must not make clients wait. */
static void put(const char *text, size_t n)
{
	if (n == 0)
		return;
	/* First, as it may take the last room there is. */
	if (stalled.lost && is_taken(0))
		tell_loss();
	stalled.now = !is_taken(stalled.now ? 0 : STALL_MS);
	if (stalled.now)
		stalled.lost += lines_in(text, n);
	else
		write_line(text, n);
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

/* The line that log_line_begin() began. */
static struct {
	struct line line;
	enum log_level level;
} composed;

bool log_line_begin(enum log_level level, const char *event)
{
	if (!log_shows(level))
		return false;
	composed.level = level;
	line_begin(&composed.line, level);
	line_put_text(&composed.line, "event=", event);
	return true;
}

void log_line_str(const char *name, struct str value)
{
	char quoted[LINE_MAX_BYTES / 8];

	line_put(&composed.line, STR(" "));
	line_put_text(&composed.line, name, "=");
	if (is_bare(value))
		line_put(&composed.line, value);
	else
		line_put(&composed.line, str_from(log_quote(quoted, sizeof(quoted), value)));
}

void log_line_int(const char *name, int64_t value)
{
	line_put(&composed.line, STR(" "));
	line_put_text(&composed.line, name, "=");
	line_put_int(&composed.line, "", value);
}

void log_line_end(void)
{
	line_end(&composed.line, composed.level < LOG_LEVEL_WARN);
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
