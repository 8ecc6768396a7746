/*
 * One error type for every layer.
 *
 * A function that can fail returns `enum err`; outputs come last and are untouched unless it
 * returned ERR_OK.  Three kinds stay apart: the caller's mistake (4xx), the world's failure (5xx),
 * our own bug (assert).  What a client is told about an error is decided in http/error_reply alone.
 */
#ifndef DIALTONE_BASE_ERR_H
#define DIALTONE_BASE_ERR_H

#include "base/err_codes.h"
#include "base/refusal.h"

#define MUST_CHECK __attribute__((warn_unused_result))

#define ERR_ENUM(name, status, key, text) ERR_##name,
enum err { ERR_OK, ERR_CODES(ERR_ENUM) ERR_COUNT };
#undef ERR_ENUM

struct err_info {
	const char *name;    /* "NOT_FOUND" */
	struct refusal told; /* status 0: it never leaves the process */
};

/* Indexed by enum err; the entry of ERR_OK has status 200. */
extern const struct err_info err_table[ERR_COUNT];

/* "NOT_FOUND" for the log. */
const char *err_name(enum err e);

#endif
