/*
 * How much there is of what an operator asks about first.  It counts whole tables: for a person at the
 * console, not for a request or a metric that is read every few seconds.
 */
#ifndef DIALTONE_CTL_STATUS_H
#define DIALTONE_CTL_STATUS_H

#include <stdint.h>

#include "service/service.h"

struct status_counts {
	int64_t spaces, accounts;
	int64_t sessions; /* neither revoked nor expired */
	int64_t outbox;   /* events waiting to be published */
	int64_t outbox_s; /* how long the first of them has waited, in seconds */
	int64_t jobs;     /* dialtone-jobs that are connected */
};

MUST_CHECK enum err status_store_read(struct service *s, struct status_counts *ret);
/* Writes a row and takes it away again: reading may go on when writing does not, on a full disk say. */
MUST_CHECK enum err status_store_write(struct service *s);

#endif
