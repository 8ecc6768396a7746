#include "daemon/figures_sockets.h"

/* Its owner's alone. */
#define OPERATORS_MODE 0600
/* Its group's as well. */
#define MONITORS_MODE 0660

enum err figures_sockets_open(
	struct figures_sockets *s, const char *metrics_socket, const char *metrics_listen)
{
	enum err e = ERR_OK;

	*s = (struct figures_sockets){ LISTENING_NONE, LISTENING_NONE };
	if (*metrics_socket)
		e = listening_open(metrics_socket, OPERATORS_MODE, &s->operators);
	if (e == ERR_OK && *metrics_listen)
		e = listening_open(metrics_listen, MONITORS_MODE, &s->monitors);
	if (e != ERR_OK)
		figures_sockets_close(s);
	return e;
}

void figures_sockets_close(struct figures_sockets *s)
{
	listening_close(&s->operators);
	listening_close(&s->monitors);
}
