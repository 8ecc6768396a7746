/* The outbox beside a real PostgreSQL and a real Redis, with an ear on the channels of all domains. */
#ifndef DIALTONE_TESTS_JOBS_FIXTURE_H
#define DIALTONE_TESTS_JOBS_FIXTURE_H

#include "../store/server.h"

#include <hiredis/hiredis.h>
#include <string.h>
#include <sys/time.h>

#include "redis/message.h"
#include "jobs/jobs.h"
#include "jobs/outbox.h"
#include "resources/statements.h"
#include "pg/migrate.h"

#define PREFIX          "cti1:"
#define PROGRAM_WAIT_MS 20000

struct fixture {
	struct arena *arena, *config;
	struct redis_address address;
	struct outbox outbox;
	redisContext *ear;
};

static inline void say_nothing(void *arg, const char *sentence)
{
	(void)arg;
	(void)sentence;
}

static inline void shell(const char *variable)
{
	assert_int_equal(system(getenv(variable)), 0);
}

static inline void listen_again(struct fixture *f)
{
	const struct timeval limit = { .tv_sec = PROGRAM_WAIT_MS / 1000 };
	redisReply *reply;

	if (f->ear)
		redisFree(f->ear);
	f->ear = redisConnectUnix(f->address.path);
	assert_int_equal(f->ear->err, 0);
	redisSetTimeout(f->ear, limit);
	reply = redisCommand(f->ear, "PSUBSCRIBE %s", PREFIX "{*");
	assert_non_null(reply);
	freeReplyObject(reply);
}

static inline int migrate(void **state)
{
	const struct pg_settings settings = { .conninfo = "" };

	(void)state;
	return migrate_run(&settings, schema_migrations, say_nothing, NULL) == ERR_OK ? 0 : -1;
}

static inline int setup(void **state)
{
	static struct fixture f;
	static const struct pg_settings settings = { .conninfo = "", .query_timeout_ms = 2000 };

	server_sql("TRUNCATE outbox, spaces, sessions CASCADE");
	f = (struct fixture){ .arena = arena_new(4096), .config = arena_new(256) };
	assert_int_equal(redis_address_parse(getenv("TEST_REDIS"), f.config, &f.address), ERR_OK);
	f.outbox =
		(struct outbox){ .service = { .pg = pg_new(&settings), .arena = arena_new(4096) },
			.redis = redis_new(&f.address, 0),
			.prefix = PREFIX };
	statements_register(f.outbox.service.pg);
	jobs_register(f.outbox.service.pg);
	listen_again(&f);
	*state = &f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	redisFree(f->ear);
	pg_free(&f->outbox.service.pg);
	redis_free(&f->outbox.redis);
	arena_free(&f->outbox.service.arena);
	arena_free(&f->arena);
	arena_free(&f->config);
	return 0;
}

/* The next message on any channel of a domain, checked and read as a relay would. */
static inline struct message next(struct fixture *f, const char *channel)
{
	redisReply *reply;
	void *got;
	struct message m;

	if (redisGetReply(f->ear, &got) != REDIS_OK)
		fail_msg("no message came: %s", f->ear->errstr);
	reply = got;
	assert_string_equal(reply->element[2]->str, channel);
	assert_int_equal(message_parse((struct str){ arena_strndup(f->arena, reply->element[3]->str,
							     reply->element[3]->len),
					       reply->element[3]->len },
				 f->arena, &m),
		ERR_OK);
	freeReplyObject(reply);
	return m;
}

static inline size_t drain(struct fixture *f)
{
	size_t taken = 99999;

	assert_int_equal(outbox_drain(&f->outbox, 100, &taken), ERR_OK);
	return taken;
}

#define ACCOUNT                                                                                 \
	"INSERT INTO spaces (domain, host, name) VALUES ('example.org', 'h', 'n');"             \
	"INSERT INTO accounts (username, domain) VALUES ('ali\u00e9 b', 'example.org');"        \
	"INSERT INTO passwords SELECT id, repeat('0', 64), 'SHA-256' FROM accounts;"            \
	"INSERT INTO sessions (jti, account_id, expires_at) SELECT 'session-number-' || i, id," \
	" now() + interval '1 day' FROM accounts, generate_series(10, 9 + "
#define USER_NAME "ali\u00e9 b"
#define ORDERS    PREFIX "{example.org}:ctl"

/* An account with so many sessions, and nothing left to tell about it. */
#define ACCOUNT_WITH_SESSIONS(n) ACCOUNT #n ") i; TRUNCATE outbox"

static inline void redis_set(struct fixture *f, const char *key)
{
	struct redis_reply reply;

	assert_int_equal(
		redis_call(f->outbox.redis, REDIS_COMMAND(STR("SET"), str_from(key), STR("1")),
			f->arena, &reply),
		ERR_OK);
}

static inline bool redis_has(struct fixture *f, const char *key)
{
	struct redis_reply reply;

	assert_int_equal(redis_call(f->outbox.redis, REDIS_COMMAND(STR("EXISTS"), str_from(key)),
				 f->arena, &reply),
		ERR_OK);
	return reply.number == 1;
}

#endif
