/* libphonenumber, which is C++, as C functions.  Nothing of it is thrown or allocated for the caller. */
#ifndef DIALTONE_PHONE_LIBRARY_H
#define DIALTONE_PHONE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct library_number {
	char e164[17], region[4];
	int calling_code;
	bool valid; /* only when asked for */
};

/* Reads all plans, and one number of each, which compiles what it takes to read others. */
void library_start(void);
/* False: no number, or not a possible one.  Judging validity keeps some 30 KiB for each region. */
bool library_parse(const char *text, size_t n, bool judge, struct library_number *ret);

#ifdef __cplusplus
}
#endif

#endif
