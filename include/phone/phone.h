/*
 * Phone numbers of the whole world: which are possible, and the one form each is stored in (R-PHONE of
 * accounts-api 5).
 *
 * The plans of all countries are those of libphonenumber, as old as the package.  So a number is taken
 * when its calling code is known and its length is possible there; whether the plan calls it valid is
 * only logged.  Who has a number, and which countries are accepted, is not known here.
 */
#ifndef DIALTONE_PHONE_PHONE_H
#define DIALTONE_PHONE_PHONE_H

#include <stdbool.h>

#include "base/str.h"
#include "base/text.h"

struct phone_number {
	char e164[17];        /* "+33612345678" */
	char calling_code[4]; /* "33" */
	/* "FR", the main one of the calling code where the number does not tell; "001": none. */
	char region[4];
};

/* Reads the plans, so that processes forked after it share them; without it the first number does. */
void phone_start(void);

/* False: it is not E.164 as typed with its +, of a known calling code, and of a possible length.  A
 * national prefix behind the calling code is dropped ("+440..."). */
bool phone_number_parse(struct str s, struct phone_number *ret);

/* The same as the `check` of a field. */
const struct text *phone_number_check(struct str s);

#endif
