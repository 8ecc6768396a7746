#define _GNU_SOURCE
#include "bus/redis.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "bus_priv.h"

#define TIMEOUT_MS     100
#define BACKOFF_MIN_MS 500
#define BACKOFF_MAX_MS 2000
#define ARGS_MAX       64

struct redis {
	struct redis_address address;
	int timeout_ms;
	redisContext *conn;  /* NULL when there is none */
	int64_t retry_at_ms; /* the circuit is open until then */
	int backoff_ms;
	bool away; /* the outage has been logged */
};

struct redis *redis_new(const struct redis_address *address, int timeout_ms)
{
	struct redis *r = mem_alloc(sizeof(*r));

	signal(SIGPIPE, SIG_IGN);
	r->address = *address;
	r->timeout_ms = timeout_ms ? timeout_ms : TIMEOUT_MS;
	return r;
}

void redis_drop(struct redis *r)
{
	if (r->conn)
		redisFree(r->conn);
	r->conn = NULL;
}

int redis_fd(const struct redis *r)
{
	return r->conn ? r->conn->fd : -1;
}

void redis_free(struct redis **r)
{
	if (!*r)
		return;
	redis_drop(*r);
	free(*r);
	*r = NULL;
}

static enum err lost(struct redis *r, const char *why)
{
	if (!r->away)
		log_warn("redis connection lost: %s", why);
	r->away = true;
	r->backoff_ms = r->backoff_ms ? 2 * r->backoff_ms : BACKOFF_MIN_MS;
	if (r->backoff_ms > BACKOFF_MAX_MS)
		r->backoff_ms = BACKOFF_MAX_MS;
	r->retry_at_ms = clock_ms() + r->backoff_ms;
	redis_drop(r);
	return ERR_UNAVAILABLE;
}

static enum err lost_connection(struct redis *r)
{
	return lost(r, r->conn && r->conn->errstr[0] ? r->conn->errstr : "no answer");
}

void redis_reply_copy(const redisReply *from, struct arena *arena, struct redis_reply *to)
{
	*to = (struct redis_reply){ .number = from->integer, .count = from->elements };
	switch (from->type) {
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
		to->type = REDIS_TEXT;
		to->text = (struct str){ arena_strndup(arena, from->str, from->len), from->len };
		break;
	case REDIS_REPLY_INTEGER:
		to->type = REDIS_INTEGER;
		break;
	case REDIS_REPLY_ARRAY:
		to->type = REDIS_LIST;
		to->items = arena_alloc(arena, from->elements * sizeof(*to->items));
		for (size_t i = 0; i < from->elements; i++)
			redis_reply_copy(from->element[i], arena, &to->items[i]);
		break;
	default:
		to->type = REDIS_NIL;
	}
}

/* Conditions of the server rather than mistakes of ours; the first word of an error reply. */
static bool is_passing(const char *error)
{
	static const char *const passing[] = { "LOADING", "READONLY", "OOM", "MISCONF", "BUSY",
		"MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", NULL };

	for (size_t i = 0; passing[i]; i++)
		if (strncmp(error, passing[i], strlen(passing[i])) == 0)
			return true;
	return false;
}

static enum err reply_take(struct redis *r, const struct redis_command *command,
	struct arena *arena, struct redis_reply *ret)
{
	void *got;
	redisReply *reply;
	enum err e = ERR_OK;

	if (redisGetReply(r->conn, &got) != REDIS_OK)
		return lost_connection(r);
	reply = got;
	if (reply->type != REDIS_REPLY_ERROR) {
		redis_reply_copy(reply, arena, ret);
	} else if (is_passing(reply->str)) {
		e = ERR_UNAVAILABLE;
	} else {
		log_error("redis refused %.*s: %s", (int)command->args[0].n, command->args[0].p,
			reply->str);
		e = ERR_INTERNAL;
	}
	freeReplyObject(reply);
	return e;
}

static bool command_append(struct redis *r, const struct redis_command *command)
{
	const char *args[ARGS_MAX];
	size_t sizes[ARGS_MAX];

	if (command->n > ARGS_MAX)
		log_fatal("a redis command with %zu arguments", command->n);
	for (size_t i = 0; i < command->n; i++) {
		args[i] = command->args[i].p ? command->args[i].p : "";
		sizes[i] = command->args[i].n;
	}
	return redisAppendCommandArgv(r->conn, (int)command->n, args, sizes) == REDIS_OK;
}

/* All replies are read whatever the first ones say; the first failure counts. */
static enum err exchange(struct redis *r, const struct redis_command *commands, size_t n,
	struct arena *arena, struct redis_reply *replies)
{
	enum err first = ERR_OK;

	for (size_t i = 0; i < n; i++)
		if (!command_append(r, &commands[i]))
			return lost_connection(r);
	for (size_t i = 0; i < n && r->conn; i++) {
		enum err e = reply_take(r, &commands[i], arena, &replies[i]);

		if (first == ERR_OK)
			first = e;
	}
	return first;
}

static enum err greet(struct redis *r)
{
	const struct redis_address *a = &r->address;
	char db[16];
	int db_digits = snprintf(db, sizeof(db), "%d", a->db);
	const struct str with_user[] = { STR("AUTH"), str_from(a->user), str_from(a->password) };
	const struct str alone[] = { STR("AUTH"), str_from(a->password) };
	const struct str select[] = { STR("SELECT"), { db, (size_t)db_digits } };
	struct redis_command commands[2];
	struct redis_reply replies[2];
	struct arena *arena = arena_new(512);
	size_t n = 0;
	enum err e;

	if (a->user)
		commands[n++] = (struct redis_command){ with_user, 3 };
	else if (a->password)
		commands[n++] = (struct redis_command){ alone, 2 };
	if (a->db)
		commands[n++] = (struct redis_command){ select, 2 };
	e = exchange(r, commands, n, arena, replies);
	arena_free(&arena);
	if (e == ERR_OK || !r->conn)
		return e;
	return lost(r, "it refused our credentials or database number");
}

static enum err connect_now(struct redis *r)
{
	struct timeval limit = { .tv_sec = r->timeout_ms / 1000,
		.tv_usec = r->timeout_ms % 1000 * 1000 };
	enum err e;

	r->conn = r->address.path
			  ? redisConnectUnixWithTimeout(r->address.path, limit)
			  : redisConnectWithTimeout(r->address.host, r->address.port, limit);
	if (!r->conn || r->conn->err || redisSetTimeout(r->conn, limit) != REDIS_OK)
		return lost_connection(r);
	e = greet(r);
	if (e != ERR_OK)
		return e;
	if (r->away)
		log_info("redis connection is back");
	r->away = false;
	r->backoff_ms = 0;
	return ERR_OK;
}

/* Nothing was asked, so whatever can be read is the end of the connection. */
static bool died_idle(const struct redis *r)
{
	struct pollfd p = { .fd = r->conn->fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

static enum err ready(struct redis *r)
{
	if (r->conn && died_idle(r))
		redis_drop(r);
	if (r->conn)
		return ERR_OK;
	if (clock_ms() < r->retry_at_ms)
		return ERR_UNAVAILABLE;
	return connect_now(r);
}

enum err redis_pipeline(struct redis *r, const struct redis_command *commands, size_t n,
	struct arena *arena, struct redis_reply *ret_replies)
{
	enum err e = ready(r);

	return e == ERR_OK ? exchange(r, commands, n, arena, ret_replies) : e;
}

enum err redis_call(
	struct redis *r, struct redis_command command, struct arena *arena, struct redis_reply *ret)
{
	return redis_pipeline(r, &command, 1, arena, ret);
}
