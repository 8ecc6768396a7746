#define _GNU_SOURCE
#include "relay/net/acceptor.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/listening.h"
#include "base/log.h"
#include "base/mem.h"
#include "relay/net/sock.h"

#define MODE              0660
#define ACCEPTOR_PER_TURN 64
#define ACCEPTOR_PAUSE_MS 1000

struct acceptor {
	struct watch watch;
	struct deadline resume;
	struct deadline_queue resumes;
	struct loop *loop;
	acceptor_fn *fn;
	void *arg;
	struct listening at;
};

static void pause_accepting(struct acceptor *l)
{
	log_warn("accept: %s; pausing for %d ms: raise LimitNOFILE= of the unit (or ulimit -n), or "
		 "lower max_connections",
		strerror(errno), ACCEPTOR_PAUSE_MS);
	loop_unwatch(l->loop, &l->watch);
	deadline_set(&l->resume, &l->resumes, loop_now(l->loop) + ACCEPTOR_PAUSE_MS);
}

static void on_resume(struct deadline *d, int64_t now_ms)
{
	struct acceptor *l = LIST_ENTRY(d, struct acceptor, resume);

	(void)now_ms;
	loop_watch(l->loop, &l->watch, l->at.fd, EPOLLIN);
}

static void on_ready(struct watch *w, uint32_t events)
{
	struct acceptor *l = LIST_ENTRY(w, struct acceptor, watch);

	(void)events;
	for (int i = 0; i < ACCEPTOR_PER_TURN; i++) {
		int fd = accept4(l->at.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			sock_prepare(fd);
			l->fn(l->arg, fd);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			   errno == ENOMEM) {
			pause_accepting(l);
			return;
		} else if (errno != ECONNABORTED && errno != EINTR) {
			return;
		}
	}
}

enum err acceptor_new(
	struct loop *loop, const char *address, acceptor_fn *fn, void *arg, struct acceptor **ret)
{
	struct listening at;
	struct acceptor *l;
	enum err e = listening_open(address, MODE, &at);

	if (e != ERR_OK)
		return e;
	l = mem_alloc(sizeof(*l));
	l->loop = loop;
	l->fn = fn;
	l->arg = arg;
	l->at = at;
	deadline_init(&l->resume);
	deadline_queue_init(&l->resumes, on_resume);
	loop_add_queue(loop, &l->resumes);
	watch_init(&l->watch, on_ready);
	loop_watch(loop, &l->watch, at.fd, EPOLLIN);
	*ret = l;
	return ERR_OK;
}

void acceptor_free(struct acceptor **l)
{
	if (!*l)
		return;
	deadline_clear(&(*l)->resume);
	loop_remove_queue((*l)->loop, &(*l)->resumes);
	loop_unwatch((*l)->loop, &(*l)->watch);
	listening_close(&(*l)->at);
	free(*l);
	*l = NULL;
}

int acceptor_port(const struct acceptor *l)
{
	struct sockaddr_in6 a; /* the port is at the same place in both */
	socklen_t n = sizeof(a);

	if (getsockname(l->at.fd, (struct sockaddr *)&a, &n))
		return 0;
	return a.sin6_family == AF_INET || a.sin6_family == AF_INET6 ? ntohs(a.sin6_port) : 0;
}
