/* A server with a clock of its own; its clients are the other ends of socket pairs. */
#ifndef DIALTONE_TESTS_UNIT_RELAY_SERVER_CLIENT_H
#define DIALTONE_TESTS_UNIT_RELAY_SERVER_CLIENT_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../unit.h"
#include "../ws/script.h"
#include "base/clock.h"
#include "relay/eio/packet.h"
#include "relay/server/server.h"

static int64_t now;
static struct loop *loop;
static struct server *server;
static struct server_settings settings;
static unsigned gone;
static int client;

static inline int64_t fake_clock(void)
{
	return now;
}

static inline void on_connect(struct sio *s, unsigned nsp, struct str auth)
{
	(void)s;
	(void)nsp;
	(void)auth;
}

static inline void on_event(struct sio *s, unsigned nsp, const struct sio_packet *p)
{
	static char big[100000];

	if (str_is(p->name, "\"accept\""))
		sio_settled(s, true);
	if (str_is(p->name, "\"refuse\"")) {
		sio_emit(s, 0, "401", STR("{\"message\":\"unauthorized access\"}"));
		sio_leave(s, 0);
		sio_end(s, SIO_END_LEFT, CLOSE_KICKED);
	}
	if (str_is(p->name, "\"count\""))
		for (int i = 0; i < 1000; i++) {
			char number[8];

			snprintf(number, sizeof(number), "%d", i);
			sio_emit(s, 0, "n", str_from(number));
		}
	if (str_is(p->name, "\"fill\"")) {
		memset(big, 'x', sizeof(big));
		big[0] = big[sizeof(big) - 1] = '"';
		for (int i = 0; i < 4; i++)
			sio_emit(s, 0, "big", (struct str){ big, sizeof(big) });
	}
	if (str_is(p->name, "\"huge\"")) {
		static char huge[900000];

		memset(huge, 'x', sizeof(huge));
		huge[0] = huge[sizeof(huge) - 1] = '"';
		sio_emit(s, 0, "huge", (struct str){ huge, sizeof(huge) });
	}
	if (str_is(p->name, "\"flood\""))
		for (int i = 0; i < 20; i++) {
			memset(big, 'x', sizeof(big));
			big[0] = big[sizeof(big) - 1] = '"';
			sio_emit(s, 0, "big", (struct str){ big, sizeof(big) });
		}
	sio_ack(s, nsp, p->id, p->args);
}

static inline void on_ack(struct sio *s, unsigned nsp, const struct sio_packet *p)
{
	(void)s;
	(void)nsp;
	(void)p;
}

static inline void on_leave(struct sio *s, unsigned nsp)
{
	(void)s;
	(void)nsp;
}

static inline void on_gone(struct sio *s)
{
	(void)s;
	gone++;
}

static const char *const namespaces[] = { "/", NULL };
static const struct server_path paths[] = { { .path = "/api/ws" }, { .path = "/socket.io" },
	{ NULL } };
static const struct sio_app app = {
	.namespaces = namespaces,
	.events_connect = true,
	.on_connect = on_connect,
	.on_event = on_event,
	.on_ack = on_ack,
	.on_leave = on_leave,
	.on_gone = on_gone,
};

static inline void connect_client(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	server_accept(server, fds[0]);
	client = fds[1];
}

static inline int setup(void **state)
{
	(void)state;
	now = 1000;
	gone = 0;
	settings = (struct server_settings){
		.eio = { 25000, 20000, 65536, 600000 },
		.transports = EIO_WEBSOCKET,
		.versions = 1U << EIO_VERSION_4,
		.paths = paths,
		.id = "aa",
		.allowed_origins = "",
		.cors_headers = "authorization,content-type",
		.max_connections = 100,
		.max_before_login = 65536,
		.messages = { CLOCK_SECOND_US / 20, 100 },
		.flood_ms = 10000,
		.body_ms = 20000,
		.idle_ms = 75000,
		.upgrade_ms = 10000,
		.head_ms = 10000,
		.login_ms = 30000,
		.stall_ms = 20000,
		.linger_ms = 5000,
	};
	loop = loop_new(fake_clock);
	server = server_new(loop, &settings, &app, NULL);
	connect_client();
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	close(client);
	server_free(&server);
	loop_free(&loop);
	return 0;
}

static inline void turn(void)
{
	for (int i = 0; i < 3; i++)
		loop_turn(loop, 0);
}

static inline void later(int64_t ms)
{
	now += ms;
	turn();
}

static inline void say(const char *bytes, size_t n)
{
	assert_int_equal(send(client, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
	turn();
}

static char heard[4096];

/* What has arrived since, as text. */
static inline const char *hear(void)
{
	ssize_t n = recv(client, heard, sizeof(heard) - 1, 0);

	heard[n > 0 ? n : 0] = '\0';
	return heard;
}

static inline bool client_sees_the_end(void)
{
	char c;

	return recv(client, &c, 1, 0) == 0;
}

#define UPGRADE                                                \
	"GET /api/ws/?EIO=4&transport=websocket HTTP/1.1\r\n"  \
	"Host: dial.example.org\r\nUpgrade: websocket\r\n"     \
	"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

static inline void say_text(const char *text)
{
	struct buf out;

	buf_init(&out, 100000);
	script_text(&out, text);
	say(out.p, out.n);
	buf_finish(&out);
}

/* Up to the CONNECT answer, which is swallowed. */
static inline void open_session(void)
{
	say(UPGRADE, strlen(UPGRADE));
	say_text("40");
	assert_non_null(strstr(hear(), "\r\n\r\n\x81"));
}

static inline void answers_are(const char *request, const char *status, const char *body)
{
	say(request, strlen(request));
	hear();
	assert_memory_equal(heard, status, strlen(status));
	assert_non_null(strstr(heard, body));
	assert_true(client_sees_the_end());
	close(client);
	turn();
	assert_int_equal(server_count(server), 0);
	connect_client();
}

#endif
