/*
 * One command on the unix socket of linphone-daemon, and its answer:
 *
 *   message sip:bob@sip.example.org Hello
 *
 *   Status: Ok            Status: Error
 *   Id: 1234              Reason: ...
 *
 * It hears one client at a time, and of what it reads at once the first line only.
 */
#define _GNU_SOURCE
#include "messages_priv.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#define COMMAND_MAX ((size_t)9 << 10)
#define ANSWER_MAX  ((size_t)32 << 10)
#define ID_MAX      128
#define SAID_MAX    128

static enum err away(const char *why)
{
	log_warn("linphone-daemon: %s", why);
	return ERR_UNAVAILABLE;
}

/* Until it can be written or read; false: not in time. */
static bool wait_until(int fd, short what, int64_t until_ms)
{
	struct pollfd p = { .fd = fd, .events = what };
	int64_t left = until_ms - clock_ms();
	int n;

	do
		n = left > 0 ? poll(&p, 1, (int)left) : 0;
	while (n < 0 && errno == EINTR && (left = until_ms - clock_ms()) > 0);
	return n > 0;
}

static int dial(const char *path, int64_t until_ms)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Its queue of clients may be full: there is no other way to wait for it than to ask again. */
	while (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		if (errno == EAGAIN && clock_ms() < until_ms) {
			poll(NULL, 0, 10);
			continue;
		}
		close(fd);
		return -1;
	}
	return fd;
}

static bool write_all(int fd, struct str text, int64_t until_ms)
{
	while (text.n) {
		ssize_t n = send(fd, text.p, text.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN && wait_until(fd, POLLOUT, until_ms))
			continue;
		if (n < 0)
			return false;
		text.p += n;
		text.n -= (size_t)n;
	}
	return true;
}

/* What of its answer matters. */
struct answer {
	struct str status, id, reason;
};

/* A line that has not ended yet counts for nothing. True: it has said all it will. */
static bool parse(struct str text, struct answer *ret)
{
	*ret = (struct answer){ 0 };
	while (memchr(text.p, '\n', text.n)) {
		struct str value = str_trim(str_split(&text, '\n')), key = str_split(&value, ':');

		if (str_is(key, "Status"))
			ret->status = str_trim(value);
		else if (str_is(key, "Id"))
			ret->id = str_trim(value);
		else if (str_is(key, "Reason"))
			ret->reason = str_trim(value);
	}
	return ret->status.n && (ret->id.n || ret->reason.n);
}

static bool read_answer(int fd, struct buf *text, int64_t until_ms, struct answer *ret)
{
	while (wait_until(fd, POLLIN, until_ms)) {
		char part[4096];
		ssize_t n = recv(fd, part, sizeof(part), 0);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			break;
		buf_add(text, part, (size_t)n);
		if (text->overflow)
			break;
		if (parse(buf_str(text), ret))
			return true;
	}
	return false;
}

static enum err judge(const struct answer *a, struct arena *arena, const char **ret_id)
{
	char said[2 * SAID_MAX + 3];
	struct str reason = { a->reason.p, a->reason.n < SAID_MAX ? a->reason.n : SAID_MAX };

	if (!str_is(a->status, "Ok")) {
		log_warn("linphone-daemon refused a message: %s",
			log_quote(said, sizeof(said), reason));
		return ERR_CONFLICT;
	}
	if (a->id.n == 0 || a->id.n > ID_MAX ||
		!str_is_made_of(a->id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789-_.~@"))
		return away("it answers with an id that is none");
	*ret_id = arena_strndup(arena, a->id.p, a->id.n);
	return ERR_OK;
}

static enum err talk(
	int fd, struct str command, int64_t until_ms, struct arena *arena, const char **ret_id)
{
	struct answer answer;
	struct buf text;
	enum err e;

	buf_init(&text, ANSWER_MAX);
	if (!write_all(fd, command, until_ms) || !read_answer(fd, &text, until_ms, &answer))
		e = away("it does not answer");
	else
		e = judge(&answer, arena, ret_id);
	buf_finish(&text);
	return e;
}

enum err linphone_daemon_send(const char *socket_path, const char *uri, const char *body,
	int64_t until_ms, struct arena *arena, const char **ret_id)
{
	struct buf command;
	enum err e;
	int fd = *socket_path ? dial(socket_path, until_ms) : -1;

	if (fd < 0)
		return away("it is not there");
	buf_init(&command, COMMAND_MAX);
	buf_printf(&command, "message %s %s\n", uri, body);
	e = command.overflow ? ERR_LIMIT : talk(fd, buf_str(&command), until_ms, arena, ret_id);
	buf_finish(&command);
	close(fd);
	return e;
}
