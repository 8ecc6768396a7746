/* The sockets on which a program tells its figures, as its settings name them (daemon/figures_server.h). */
#ifndef DIALTONE_DAEMON_FIGURES_SOCKETS_H
#define DIALTONE_DAEMON_FIGURES_SOCKETS_H

#include "base/listening.h"

struct figures_sockets {
	struct listening operators; /* metrics_socket; fd -1: none */
	struct listening monitors;  /* metrics_listen; the same */
};

/* "": none. Errors are logged, and leave nothing open. */
MUST_CHECK enum err figures_sockets_open(
	struct figures_sockets *s, const char *metrics_socket, const char *metrics_listen);
/* Closes them and removes the files. */
void figures_sockets_close(struct figures_sockets *s);

#endif
