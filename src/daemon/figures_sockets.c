#include "daemon/figures_sockets.h"

/* Its owner's alone. */
#define OPERATORS_MODE 0600

enum err figures_sockets_open(
	struct figures_sockets *s, const char *metrics_socket, const char *metrics_listen)
{
	enum err e = ERR_OK;

	*s = (struct figures_sockets){ { .fd = -1, .file = -1 }, { .fd = -1 } };
	if (*metrics_socket)
		e = listener_make(&s->operators, metrics_socket, OPERATORS_MODE);
	if (e == ERR_OK && *metrics_listen)
		e = listening_open(metrics_listen, &s->monitors);
	if (e != ERR_OK)
		figures_sockets_close(s);
	return e;
}

void figures_sockets_close(struct figures_sockets *s)
{
	if (s->operators.fd >= 0)
		listener_finish(&s->operators);
	listening_close(&s->monitors);
}
