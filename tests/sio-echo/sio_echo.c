/*
 * sio-echo: the server the public protocol suites of Engine.IO and Socket.IO ask for (realtime section
 * 20), from the relay's own layers and nothing else.
 *
 *   sio-echo --port N [--ping-interval MS] [--ping-timeout MS]
 *
 * It listens on 127.0.0.1 and ::1; port 0 takes a free one, which is printed.
 *
 * On /engine.io/ every message comes back as it was.  On /socket.io/ the namespaces "/" and "/custom"
 * emit `auth` with the client's payload; on "/" `message` comes back as `message-back`, and
 * `message-with-ack` in its acknowledgement.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "relay/server/server.h"
#include "relay/net/acceptor.h"

static void on_message(struct sio *s, bool binary, struct str data)
{
	sio_send_message(s, binary, data);
}

static void on_connect(struct sio *s, unsigned nsp, struct str auth)
{
	sio_settled(s, true);
	sio_emit(s, nsp, "auth", auth);
}

static void on_event(struct sio *s, unsigned nsp, const struct sio_packet *p)
{
	if (nsp != 0)
		return;
	if (str_is(p->name, "\"message\""))
		sio_emit_binary(s, nsp, "message-back", p->args, p->binary, p->attachments);
	else if (str_is(p->name, "\"message-with-ack\""))
		sio_ack_binary(s, nsp, p->id, p->args, p->binary, p->attachments);
}

static void on_ack(struct sio *s, unsigned nsp, const struct sio_packet *p)
{
	(void)s;
	(void)nsp;
	(void)p;
}

static void on_leave(struct sio *s, unsigned nsp)
{
	(void)nsp;
	if (!s->joined)
		sio_settled(s, false);
}

static void on_gone(struct sio *s)
{
	(void)s;
}

static const char *const namespaces[] = { "/", "/custom", NULL };

static const struct sio_app echo_app = {
	.namespaces = namespaces,
	.takes_binary = true,
	.on_connect = on_connect,
	.on_event = on_event,
	.on_ack = on_ack,
	.on_leave = on_leave,
	.on_gone = on_gone,
};

static const struct sio_app engine_app = { .on_message = on_message, .on_gone = on_gone };

static const struct server_path paths[] = {
	{ .path = "/engine.io", .app = &engine_app },
	{ .path = "/socket.io" },
	{ NULL },
};

static struct server_settings settings = {
	.eio = { .ping_interval_ms = 300, .ping_timeout_ms = 200, .max_payload = 1000000 },
	.transports = EIO_POLLING | EIO_WEBSOCKET,
	.versions = 1U << EIO_VERSION_3 | 1U << EIO_VERSION_4,
	.paths = paths,
	.id = "aa",
	.allowed_origins = "*",
	.cors_headers = "authorization,content-type",
	.max_connections = 1000,
	.max_before_login = 1000000,
	.flood_ms = 10000,
	.head_ms = 10000,
	.body_ms = 20000,
	.idle_ms = 75000,
	.upgrade_ms = 10000,
	/* Of a session that has joined no namespace. Three heartbeats of one that never does, which
	 * the suites wait for, last a second; the one they expect to be closed answers none. */
	.login_ms = 5000,
	.stall_ms = 20000,
	.linger_ms = 5000,
};

static struct loop *loop;

static void on_signal(struct watch *w, uint32_t events)
{
	(void)w;
	(void)events;
	loop_stop(loop);
}

static int watch_signals(struct watch *w)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	watch_init(w, on_signal);
	loop_watch(loop, w, fd, EPOLLIN);
	return fd;
}

static enum err listen_on(const char *host, unsigned port, struct server *to, struct acceptor **ret)
{
	char address[32];

	snprintf(address, sizeof(address), "%s:%u", host, port);
	return acceptor_new(loop, address, server_accept, to, ret);
}

static enum err serve(struct server *server, unsigned port)
{
	struct acceptor *acceptor, *other = NULL;
	enum err e = listen_on("127.0.0.1", port, server, &acceptor);

	if (e != ERR_OK)
		return e;
	port = (unsigned)acceptor_port(acceptor);
	/* What "localhost" means is the client's business. Some machines have no ::1. */
	if (listen_on("[::1]", port, server, &other) != ERR_OK)
		log_warn("serves 127.0.0.1 alone");
	printf("listens on port %u\n", port);
	fflush(stdout);
	loop_run(loop);
	acceptor_free(&acceptor);
	acceptor_free(&other);
	return ERR_OK;
}

static enum err run(unsigned port)
{
	struct server *server;
	struct watch signals;
	enum err e;
	int fd;

	loop = loop_new(clock_ms);
	fd = watch_signals(&signals);
	server = server_new(loop, &settings, &echo_app, NULL);
	e = serve(server, port);
	server_free(&server);
	loop_unwatch(loop, &signals);
	close(fd);
	loop_free(&loop);
	return e;
}

/* Options come in pairs of a name and a number. */
static bool read_options(int argc, char **argv, uint32_t *ret_port)
{
	const struct {
		const char *name;
		uint32_t *value, max;
	} options[] = {
		{ "--port", ret_port, 65535 },
		{ "--ping-interval", &settings.eio.ping_interval_ms, 3600000 },
		{ "--ping-timeout", &settings.eio.ping_timeout_ms, 3600000 },
	};
	const size_t n = sizeof(options) / sizeof(options[0]);

	for (int at = 1; at < argc; at += 2) {
		uint64_t value;
		size_t i = 0;

		while (i < n && strcmp(argv[at], options[i].name) != 0)
			i++;
		if (i == n || !argv[at + 1] ||
			!str_to_uint(str_from(argv[at + 1]), options[i].max, &value))
			return false;
		*options[i].value = (uint32_t)value;
	}
	return *ret_port <= 65535;
}

int main(int argc, char **argv)
{
	uint32_t port = UINT32_MAX;

	if (!read_options(argc, argv, &port)) {
		fprintf(stderr, "usage: %s --port N [--ping-interval MS] [--ping-timeout MS]\n",
			argv[0]);
		return 2;
	}
	log_init("sio-echo", LOG_LEVEL_INFO);
	return run(port) == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
