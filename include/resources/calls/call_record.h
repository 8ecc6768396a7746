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

/* Writes them in one exchange; one that is there already stays as it is.  ERR_UNAVAILABLE: none is written. */
MUST_CHECK enum err call_records_add(
	struct service *s, const struct call_record *records, size_t n);

#endif
