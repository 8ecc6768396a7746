/*
 * The clients of a relay under measurement, and the producer of their events: thousands of raw
 * WebSockets that log in, one connection to Redis, all in one loop.
 *
 *   relay-load SERVER REDIS_SOCKET PREFIX <users
 *
 * SERVER is a port of this machine or the path of a unix socket.
 *
 * Standard input has a line "count in_room", then a line "user token" for each client, of which the
 * first in_room are members of the room "ext.clear"; then commands:
 *
 *   login AT_ONCE            connects and logs in everyone, as fast as the relay lets
 *   unicast RATE SECONDS     an event to one user after the other
 *   broadcast TIMES GAP_MS   an event to the room; the next when the last has it, after a pause
 *   burst TIMES              events to the room, all at once
 *
 * Each is answered with one line: JSON with seconds, deliveries and microseconds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SCRATCH        65536
#define KEPT           1024 /* bytes of an incomplete message; none of ours is larger */
#define EVENTS         512
#define SAMPLES        4000000
#define PATIENCE_US    60000000
#define MESSAGE_SIZE   2048
#define BROADCASTS_MAX 1000

enum step { UNBORN, UPGRADING, OPENING, JOINING, WAITING, READY };

struct client {
	char *user, *token;
	int fd;
	enum step step;
	size_t kept;
	uint8_t keep[KEPT];
};

static struct client *clients;
static size_t count, in_room, born, ready;
static uint16_t port;
static const char *path; /* of the server; NULL: it has a port */
static const char *prefix;
static int epoll, redis;
static uint32_t *samples;
static size_t delivered;

static void die(const char *what)
{
	fprintf(stderr, "relay-load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void watch(int fd, void *data)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = data };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e))
		die("epoll_ctl");
}

static void write_all(int fd, const void *p, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t did = send(fd, (const char *)p + at, n - at, MSG_NOSIGNAL);

		if (did < 0)
			die("send");
		at += (size_t)did;
	}
}

/* A mask of zeroes is a mask. */
static void send_text(struct client *c, const char *text)
{
	size_t n = strlen(text), head = n < 126 ? 6 : 8;
	uint8_t frame[MESSAGE_SIZE + 8] = { 0x81 };

	if (n < 126) {
		frame[1] = (uint8_t)(0x80 | n);
	} else {
		frame[1] = 0xfe;
		frame[2] = (uint8_t)(n >> 8);
		frame[3] = (uint8_t)n;
	}
	memcpy(frame + head, text, n);
	write_all(c->fd, frame, head + n);
}

static int connect_unix(const char *to_path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", to_path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die(to_path);
	return fd;
}

static int connect_tcp(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void connect_client(struct client *c)
{
	static const char request[] =
		"GET /api/ws/?EIO=4&transport=websocket HTTP/1.1\r\nHost: dial.example.org\r\n"
		"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

	c->fd = path ? connect_unix(path) : connect_tcp();
	c->step = UPGRADING;
	write_all(c->fd, request, sizeof(request) - 1);
	watch(c->fd, c);
}

static void log_in(struct client *c)
{
	char text[MESSAGE_SIZE];

	snprintf(text, sizeof(text), "42[\"login\",{\"accessKeyId\":\"%s\",\"token\":\"%s\"}]",
		c->user, c->token);
	send_text(c, text);
	c->step = WAITING;
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static void on_text(struct client *c, const char *text)
{
	if (starts(text, "42[\"bench\",")) {
		if (delivered < SAMPLES)
			samples[delivered++] = (uint32_t)(now_us() - atoll(text + 11));
	} else if (text[0] == '2') {
		send_text(c, "3");
	} else if (text[0] == '0' && c->step == OPENING) {
		c->step = JOINING;
		send_text(c, "40");
	} else if (starts(text, "40") && c->step == JOINING) {
		log_in(c);
	} else if (starts(text, "42[\"authe_ok\"") && c->step == WAITING) {
		c->step = READY;
		ready++;
	} else {
		errno = 0;
		die(text);
	}
}

/* Bytes of the frame at p, 0 when there is only part of it. */
static size_t read_frame(struct client *c, const uint8_t *p, size_t n)
{
	char text[MESSAGE_SIZE];
	size_t head = n >= 2 && p[1] == 126 ? 4 : 2, length;

	if (n < head)
		return 0;
	length = head == 4 ? (size_t)p[2] << 8 | p[3] : p[1];
	if (p[0] != 0x81 || length >= sizeof(text))
		die("not a short text frame");
	if (n < head + length)
		return 0;
	memcpy(text, p + head, length);
	text[length] = '\0';
	on_text(c, text);
	return head + length;
}

static size_t read_answer(struct client *c, const uint8_t *p, size_t n)
{
	const uint8_t *end = memmem(p, n, "\r\n\r\n", 4);

	if (!end)
		return 0;
	if (n < 12 || memcmp(p, "HTTP/1.1 101", 12) != 0)
		die("handshake refused");
	c->step = OPENING;
	return (size_t)(end - p) + 4;
}

static void on_input(struct client *c)
{
	static uint8_t bytes[KEPT + SCRATCH];
	size_t at = 0, used = 1, n = c->kept;
	ssize_t got;

	memcpy(bytes, c->keep, n);
	got = recv(c->fd, bytes + n, SCRATCH, MSG_DONTWAIT);
	if (got == 0 || (got < 0 && errno != EAGAIN))
		die("connection lost");
	n += got > 0 ? (size_t)got : 0;
	for (; at < n && used; at += used)
		used = c->step == UPGRADING ? read_answer(c, bytes + at, n - at)
					    : read_frame(c, bytes + at, n - at);
	c->kept = n - at;
	if (c->kept > KEPT)
		die("message too long");
	memcpy(c->keep, bytes + at, c->kept);
}

static void drain_redis(void)
{
	static char answers[SCRATCH];
	ssize_t n = recv(redis, answers, sizeof(answers), MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN))
		die("Redis");
	if (n > 0 && memchr(answers, '-', (size_t)n))
		die("Redis refuses");
}

/* One turn of the loop. True when standard input has something. */
static bool turn(int wait_ms)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(epoll, events, EVENTS, wait_ms);
	bool command = false;

	for (int i = 0; i < n; i++) {
		void *what = events[i].data.ptr;

		if (what == stdin)
			command = true;
		else if (what == &redis)
			drain_redis();
		else
			on_input(what);
	}
	return command;
}

static void publish(const char *scope, const char *name)
{
	char channel[300], payload[64], text[600];
	int c = snprintf(
		channel, sizeof(channel), "%s:{dial.example.org}:%s:%s", prefix, scope, name);
	int p = snprintf(payload, sizeof(payload), "[\"bench\",%" PRId64 "]", now_us());
	int n = snprintf(text, sizeof(text), "*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n", c,
		channel, p, payload);

	write_all(redis, text, (size_t)n);
}

/* Polls: a sender has to wake a sleeper, but clients do not sleep on their server's machine. */
static void await(size_t deliveries, int64_t since)
{
	while (delivered < deliveries) {
		turn(0);
		if (now_us() - since > PATIENCE_US)
			die("events are missing");
	}
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t quantile(uint32_t *of, size_t n, size_t percent)
{
	if (n == 0)
		return 0;
	qsort(of, n, sizeof(*of), by_size);
	return of[percent == 100 ? n - 1 : n * percent / 100];
}

/* last: microseconds until everyone had each of n broadcasts. */
static void report(int64_t since, uint32_t *last, size_t n)
{
	double seconds = (double)(now_us() - since) / 1e6;

	printf("{\"seconds\":%.6f,\"deliveries\":%zu,\"p50\":%u,\"p99\":%u,\"last\":%u}\n", seconds,
		delivered, quantile(samples, delivered, 50), quantile(samples, delivered, 99),
		quantile(last, n, 50));
	fflush(stdout);
	delivered = 0;
}

static void run_login(size_t at_once)
{
	int64_t since = now_us();

	while (ready < count) {
		while (born < count && born - ready < at_once)
			connect_client(&clients[born++]);
		turn(1000);
		if (now_us() - since > PATIENCE_US)
			die("not all have logged in");
	}
	report(since, NULL, 0);
}

static void run_unicast(int64_t rate, int64_t seconds)
{
	int64_t since = now_us(), total = rate * seconds, done = 0;

	while (done < total) {
		for (; done < total && now_us() >= since + done * 1000000 / rate; done++)
			publish("u", clients[(size_t)(done * 7919) % count].user);
		turn(1);
	}
	await((size_t)total, since);
	report(since, NULL, 0);
}

static void rest_until(int64_t when_us)
{
	int64_t left;

	while ((left = when_us - now_us()) > 0)
		turn((int)(left / 1000) + 1);
}

static void run_broadcast(size_t times, int64_t gap_ms)
{
	uint32_t last[BROADCASTS_MAX];
	int64_t since = now_us();

	for (size_t i = 0; i < times && i < BROADCASTS_MAX; i++) {
		int64_t sent = now_us();

		publish("r", "ext.clear");
		await((i + 1) * in_room, sent);
		last[i] = (uint32_t)(now_us() - sent);
		rest_until(now_us() + gap_ms * 1000);
	}
	report(since, last, times);
}

static void run_burst(size_t times)
{
	int64_t since = now_us();

	for (size_t i = 0; i < times; i++)
		publish("r", "ext.clear");
	await(times * in_room, since);
	report(since, NULL, 0);
}

static void run_command(char *line)
{
	size_t a = 0, b = 0;

	if (sscanf(line, "login %zu", &a) == 1)
		run_login(a);
	else if (sscanf(line, "unicast %zu %zu", &a, &b) == 2)
		run_unicast((int64_t)a, (int64_t)b);
	else if (sscanf(line, "broadcast %zu %zu", &a, &b) == 2)
		run_broadcast(a, (int64_t)b);
	else if (sscanf(line, "burst %zu", &a) == 1)
		run_burst(a);
	else
		die("no such command");
}

static void read_users(void)
{
	char user[256], token[MESSAGE_SIZE - 300 + 1];

	if (scanf("%zu %zu", &count, &in_room) != 2)
		die("no count");
	clients = calloc(count, sizeof(*clients));
	samples = malloc(SAMPLES * sizeof(*samples));
	for (size_t i = 0; clients && samples && i < count; i++) {
		if (scanf("%255s %1748s", user, token) != 2)
			die("no users");
		clients[i].user = strdup(user);
		clients[i].token = strdup(token);
	}
	while (getchar() != '\n')
		;
}

int main(int argc, char **argv)
{
	char line[100];

	if (argc != 4)
		die("usage: relay-load SERVER REDIS_SOCKET PREFIX");
	path = *argv[1] == '/' ? argv[1] : NULL;
	port = (uint16_t)atoi(argv[1]);
	prefix = argv[3];
	epoll = epoll_create1(EPOLL_CLOEXEC);
	setvbuf(stdin, NULL, _IONBF, 0);
	read_users();
	redis = connect_unix(argv[2]);
	watch(redis, &redis);
	watch(STDIN_FILENO, stdin);
	for (;;) {
		if (!turn(1000))
			continue;
		if (!fgets(line, sizeof(line), stdin))
			return 0;
		run_command(line);
	}
}
