/*
 * Transfers of libcurl that run beside each other in one thread, and beside the caller's own loop: it polls
 * one descriptor, and calls transfers_run() when that is readable or the time is over.
 *
 * Connections are kept for the next transfer to the same server.  Nothing here bounds a transfer: who makes
 * the handle sets its times and sizes, and where it may go (outgoing/guard.h).  What has a guard is given a
 * connection of its own: one that another kept may lead where the guard would not have let it.
 */
#ifndef DIALTONE_OUTGOING_TRANSFERS_H
#define DIALTONE_OUTGOING_TRANSFERS_H

#include <curl/curl.h>
#include <stddef.h>

struct transfers;

struct transfers *transfers_new(void);
/* Ends what runs, whose owners are not called any more. */
void transfers_free(struct transfers **t);

/* easy is given: it is cleaned up after done(), which may ask it (curl_easy_getinfo) and add other transfers. */
void transfers_add(struct transfers *t, CURL *easy,
	void (*done)(void *arg, CURL *easy, CURLcode code), void *arg);

/* Readable when there is something to do. */
int transfers_fd(const struct transfers *t);
/* Milliseconds until there is something to do anyway, at most max_ms. */
int transfers_wait_ms(const struct transfers *t, int max_ms);
/* Does what can be done without waiting, and calls those whose transfer has ended. */
void transfers_run(struct transfers *t);

#endif
