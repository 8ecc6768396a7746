/*
 * Counts by key, collected in the process and written in batches, so that a request never costs an
 * UPDATE.  What was not written when a worker is killed is lost, and only that.
 *
 * A key has one to three parts (an API key's hash; domain, user name and program).  The parts stand in
 * columns, as a statement takes them: part p of the i-th key is tally_texts(t, p)[i].
 */
#ifndef DIALTONE_BASE_TALLY_H
#define DIALTONE_BASE_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define TALLY_PARTS_MAX 3

struct tally;

/* parts: 1 to TALLY_PARTS_MAX. Beyond keys_max different keys between two writes nothing new is counted. */
struct tally *tally_new(size_t parts, size_t keys_max);
void tally_free(struct tally **t);

/* Adds one to the key with these parts, which are copied. */
void tally_add(struct tally *t, const struct str *parts);

size_t tally_size(const struct tally *t);
const char *const *tally_texts(const struct tally *t, size_t part);
const int64_t *tally_counts(const struct tally *t);

/* Has everything written and begins anew. Kept for the next time when the database is away; another
 * failure is logged as "uses of WHAT are not written yet". Does nothing when nothing was counted. */
void tally_flush(struct tally *t, enum err (*write)(void *arg, const struct tally *t), void *arg,
	const char *what);

#endif
