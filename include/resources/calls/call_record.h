/*
 * One call that has ended, as history and statistics know it.  dialtone-pbx writes it, once for each call,
 * whatever forwards and transfers happened in it.
 */
#ifndef DIALTONE_RESOURCES_CALLS_CALL_RECORD_H
#define DIALTONE_RESOURCES_CALLS_CALL_RECORD_H

#include "service/service.h"

struct call_party {
	int64_t account_id; /* 0: it is none of our users */
	const char *domain; /* of SIP */
	const char *number; /* main extension of a user, else the name in the address */
	const char *name;   /* NULL: unknown */
	const char *exten;  /* the device; NULL: none of them took part */
};

struct call_record {
	const char *call_id; /* of SIP, of the first leg */
	const char *linked_id;
	struct call_party from, to;                         /* to: who was reached at last */
	int64_t started_us, rang_us, answered_us, ended_us; /* 0: it did not */
	const char *cause; /* of extenHangup: "normal_clearing" ... */
	int64_t code;      /* SIP status; 0: it was hung up */
};

#define CALL_RECORDS_MAX 500 /* in one exchange */

/* Writes at most CALL_RECORDS_MAX of them in one exchange, and one in vain is no matter: what is there already (by
 * linked_id and call_id) stays as it is, what is of none of our spaces is left out, texts that are too long are cut, and
 * those that are no text are left out.  A call between two spaces belongs to both.  ERR_UNAVAILABLE: none is
 * written. */
MUST_CHECK enum err call_records_add(
	struct service *s, const struct call_record *records, size_t n);
/* The same, and what is new is reported to the statistics of calls (resources/statistics) in the same transaction. */
MUST_CHECK enum err call_records_add_reported(
	struct service *s, const struct call_record *records, size_t n);

#endif
