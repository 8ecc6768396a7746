/*
 * Tells systemd that the program serves: units of Type=notify wait for it (sd_notify(3)), so that what is started or
 * restarted next can rely on this one, and a start that fails is seen to fail.
 *
 * Said once, by the main process; elsewhere than below systemd it does nothing.
 */
#ifndef DIALTONE_DAEMON_READINESS_H
#define DIALTONE_DAEMON_READINESS_H

/* That it was not heard is logged; nothing else follows. */
void readiness_tell(void);

#endif
