/* A call as the history shows it (cti-api 4.2, "History"): names of a table of Asterisk, which clients know. */
#ifndef DIALTONE_RESOURCES_CALLS_FIELDS_H
#define DIALTONE_RESOURCES_CALLS_FIELDS_H

#include "base/field.h"

struct history_call {
	int64_t time; /* seconds */
	const char *channel, *dstchannel, *uniqueid, *linkedid, *userfield;
	int64_t duration, billsec; /* seconds; billsec: since it was answered */
	const char *disposition, *dcontext, *lastapp;
	const char *cnum, *cnam, *ccompany, *src, *dst, *dst_cnam, *dst_ccompany, *clid;
	const char *direction; /* as its user sees it; NULL: it is shown to none of its ends */
	const char *type;      /* as the space sees it */
	const char *queue;
};

struct history {
	int64_t count;    /* of all pages */
	const char *rows; /* JSON, an array of history_call_shape */
};

extern const struct field history_call_fields[];
extern const struct shape history_call_shape, history_shape;

#endif
