/*
 * The log: one line per fact, in logfmt, on standard error (journald or the supervisor keep it).
 *
 *   ts=2026-11-17T10:30:00.123456Z level=info prog=api pid=42 req=5f3a msg="..."
 *
 * A message is printf-checked.  Control characters from outside are made harmless.  An error is
 * logged once, by the function that handles it, never also by those that pass it on.  A secret is never
 * an argument, nor is a token.
 *
 * When it is the journal that reads, each line has its priority in front: <3> to <7> (sd-daemon(3)).
 *
 * A line is one write() of at most 4 KiB: lines of several processes do not mix, and a longer one is
 * cut.  A reader that takes nothing makes a program wait a quarter of a second, once; then lines are lost, and told as
 * event=lost lines=N when it takes again.  A program that writes many can have them collected, up to the same 4 KiB.  Counting and timing belong to metrics, not here.
 */
#ifndef DIALTONE_BASE_LOG_H
#define DIALTONE_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* NONE: for a program that itself says what it sees. */
enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR, LOG_LEVEL_NONE };

/* prog is kept; it names the program in each line. */
void log_init(const char *prog, enum log_level level);
void log_set_level(enum log_level level);
/* For lines in words, which are told to who typed a command: what goes in front of a mistake there, the
 * priority of an error where it is the journal that reads this file, else "". */
const char *log_mistake_mark(int fd);
/* "debug", "info", "warn", "error"; another name changes nothing. */
void log_set_level_named(const char *name);
/* Whether a line of it is written: for what is found out only to be logged. */
bool log_shows(enum log_level level);
/* Adds req=<id> to each line until called with NULL. Borrowed until then. */
void log_set_request(const char *id);
/* That id; NULL: none. */
const char *log_request_id(void);

void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Logs and ends the process with status 70: an operator has to look. */
void log_fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* A line of fields instead of a sentence: log_fields("request", "method=%s status=%d", ...).
 * Values that come from outside go through log_quote(). */
void log_fields(enum log_level level, const char *event, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same a field at a time, for a line of each request: log_line_begin(), its fields, log_line_end(), with no other line in
 * between.  False: it is not shown, and neither of the others may follow.  Values are quoted where they need it, and
 * cut at half a kilobyte then. */
bool log_line_begin(enum log_level level, const char *event);
void log_line_str(const char *name, struct str value);
void log_line_int(const char *name, int64_t value);
void log_line_end(void);
/* on: lines of fields below "warn" wait until there are many, until another line, or for log_flush(), which
 * the program calls within a second.  Those of a process that is killed are lost.  off: writes what waits. */
void log_collect(bool on);
void log_flush(void);
bool log_waits(void);
/* Writes s as a logfmt value (quoted and escaped when needed) into out, cut to fit; returns out. */
const char *log_quote(char *out, size_t cap, struct str s);

#endif
