#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redis_priv.h"

#define PORT_MAX 65535

static void say(struct route *r, const struct str *words, size_t n)
{
	struct str *to = r->args;

	for (size_t i = 0; i < r->count; i++)
		to += r->commands[i].n;
	memcpy(to, words, n * sizeof(*words));
	r->commands[r->count++] = (struct redis_command){ to, n };
}

#define SAY(r_, ...)                                 \
	say(r_, (const struct str[]){ __VA_ARGS__ }, \
		sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))

static void set_place(struct route *r, const char *host, int port)
{
	snprintf(r->host, sizeof(r->host), "%s", host ? host : "");
	r->port = port;
	r->count = r->answered = 0;
}

static void say_who(struct route *r, const char *user, const char *password)
{
	if (user)
		SAY(r, STR("AUTH"), str_from(user), str_from(password));
	else if (password)
		SAY(r, STR("AUTH"), str_from(password));
}

/* HELLO tells which part the server plays, and is what every user may say.  A server that is still
 * loading says so to PING. */
static void set_server(struct route *r, const char *host, int port)
{
	const struct redis_address *a = r->address;

	r->asks = false;
	set_place(r, host, port);
	say_who(r, a->user, a->password);
	SAY(r, STR("HELLO"), STR("2"));
	r->hello = r->count;
	if (a->db) {
		snprintf(r->db, sizeof(r->db), "%d", a->db);
		SAY(r, STR("SELECT"), str_from(r->db));
	}
	SAY(r, STR("PING"));
}

static void set_sentinel(struct route *r)
{
	const struct redis_address *a = r->address;
	const struct redis_place *p = &a->sentinels[r->sentinel];

	r->asks = true;
	set_place(r, p->host, p->port);
	say_who(r, a->sentinel_user, a->sentinel_password);
	SAY(r, STR("SENTINEL"), STR("get-master-addr-by-name"), str_from(a->master));
}

static enum route_step set_out(struct route *r)
{
	if (r->address->master)
		set_sentinel(r);
	else
		set_server(r, r->address->place.host, r->address->place.port);
	return ROUTE_GO;
}

void route_init(struct route *r, const struct redis_address *address)
{
	*r = (struct route){ .address = address };
}

enum route_step route_start(struct route *r)
{
	r->tries = r->address->master ? r->address->sentinel_count : 1;
	r->told = false;
	snprintf(r->why, sizeof(r->why), "it takes too long");
	return set_out(r);
}

static void note(struct route *r, const char *why)
{
	if (r->address->path)
		snprintf(r->why, sizeof(r->why), "%s: %.200s", r->address->path, why);
	else
		snprintf(r->why, sizeof(r->why), "%s:%d: %.200s", r->host, r->port, why);
}

enum route_step route_miss(struct route *r, const char *why)
{
	if (!r->told)
		note(r, why);
	if (r->address->sentinel_count)
		r->sentinel = (r->sentinel + 1) % r->address->sentinel_count;
	return --r->tries ? set_out(r) : ROUTE_LOST;
}

/* An answer weighs more than the silence of others. */
static enum route_step refuse(struct route *r, const char *why)
{
	note(r, why);
	r->told = true;
	return route_miss(r, why);
}

/* The value of a member of the flat list that HELLO is answered with. NULL: it has none. */
static const char *hello_member(const redisReply *answer, const char *name)
{
	if (answer->type != REDIS_REPLY_ARRAY)
		return NULL;
	for (size_t i = 0; i + 1 < answer->elements; i += 2) {
		const redisReply *key = answer->element[i], *value = answer->element[i + 1];

		if (key->type == REDIS_REPLY_STRING && value->type == REDIS_REPLY_STRING &&
			strcmp(key->str, name) == 0)
			return value->str;
	}
	return NULL;
}

/* NULL: it is a master, alone in its kind. */
static const char *unfitness(const redisReply *hello)
{
	const char *mode = hello_member(hello, "mode"), *role = hello_member(hello, "role");

	if (mode && strcmp(mode, "cluster") == 0)
		return "Redis Cluster is not supported";
	if (mode && strcmp(mode, "sentinel") == 0)
		return "this is a sentinel, to be configured as redis+sentinel://";
	return role && strcmp(role, "master") == 0 ? NULL : "it is a replica";
}

static enum route_step take_server(struct route *r, const redisReply *answer)
{
	const char *why = r->answered == r->hello ? unfitness(answer) : NULL;

	if (why)
		return refuse(r, why);
	return r->answered == r->count ? ROUTE_ARRIVED : ROUTE_WAIT;
}

static bool is_pair_of_texts(const redisReply *answer)
{
	return answer->type == REDIS_REPLY_ARRAY && answer->elements == 2 &&
	       answer->element[0]->type == REDIS_REPLY_STRING &&
	       answer->element[1]->type == REDIS_REPLY_STRING;
}

static enum route_step take_sentinel(struct route *r, const redisReply *answer)
{
	char why[128];
	int port;

	if (r->answered < r->count)
		return ROUTE_WAIT;
	if (!is_pair_of_texts(answer)) {
		snprintf(why, sizeof(why), "this sentinel knows no master named %s",
			r->address->master);
		return refuse(r, why);
	}
	port = atoi(answer->element[1]->str);
	if (strlen(answer->element[0]->str) >= LOOKUP_HOST || port <= 0 || port > PORT_MAX)
		return refuse(r, "this sentinel names no address");
	set_server(r, answer->element[0]->str, port);
	return ROUTE_GO;
}

enum route_step route_take(struct route *r, const redisReply *answer)
{
	if (answer->type == REDIS_REPLY_ERROR)
		return refuse(r, answer->str);
	r->answered++;
	return r->asks ? take_sentinel(r, answer) : take_server(r, answer);
}
