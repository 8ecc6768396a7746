/*
 * Signals of a program with one loop: SIGTERM and SIGINT end it, SIGHUP lets it read its settings again.
 *
 * They are heard while the loop sleeps (ppoll with the mask below) and at no other time, so that nothing is cut.
 */
#ifndef DIALTONE_DAEMON_SIGNALS_H
#define DIALTONE_DAEMON_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Blocks them from here on; *ret_asleep is the mask to sleep with. */
void signals_init(sigset_t *ret_asleep);
bool signals_say_stop(void);
/* Once for each SIGHUP. */
bool signals_say_reload(void);

#endif
