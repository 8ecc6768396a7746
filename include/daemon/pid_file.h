/*
 * A file with the process id, locked as long as the process lives: a second instance is refused,
 * and a file left behind by a crash is not in the way.
 */
#ifndef DIALTONE_DAEMON_PID_FILE_H
#define DIALTONE_DAEMON_PID_FILE_H

#include "base/err.h"

struct pid_file {
	const char *path;
	int fd; /* -1: there is no file */
};

/* path is kept; "" and NULL mean no file.  ERR_CONFLICT: another process has it.  ERR_UNAVAILABLE:
 * it cannot be written.  Both are logged. */
MUST_CHECK enum err pid_file_init(struct pid_file *f, const char *path);
/* Removes the file. */
void pid_file_finish(struct pid_file *f);
/* In a child: the file stays the parent's. */
void pid_file_leave(struct pid_file *f);

#endif
