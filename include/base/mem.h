/*
 * Allocation that does not fail: out of memory is answered in one place, by ending the process with
 * a log line.  The supervisor (or systemd) starts a fresh one; what was committed is in PostgreSQL.
 * Sizes that come from outside are bounded before they get here.
 */
#ifndef DIALTONE_BASE_MEM_H
#define DIALTONE_BASE_MEM_H

#include <stddef.h>

/* Zeroed; never NULL. You free it with free(). */
void *mem_alloc(size_t n);
/* Like realloc(), never NULL for n > 0. */
void *mem_realloc(void *p, size_t n);
/* Copies n bytes and adds a NUL. You free it. */
char *mem_strndup(const char *s, size_t n);
/* Overwrites n bytes with zeroes in a way the compiler may not remove. */
void mem_wipe(void *p, size_t n);
/* Overwrites a text, releases it and makes it NULL, which is fine before, too: for secrets. */
void mem_forget(char **text);
/* No core file of this process: its memory holds keys, tokens and passwords.  A debugger that asks for one
 * can raise the limit again (prlimit --core). */
void mem_keep_private(void);

#endif
