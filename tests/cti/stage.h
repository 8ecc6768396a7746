/*
 * The application of one or more relays in this process, without sockets: clients are structs whose
 * messages are written down, Redis is the real one of tests/redis/run-with-redis, and time passes only
 * when the test says so, in Redis as well.
 *
 * Nothing here waits for a time: stage_settle() turns until Redis has answered every command and
 * delivered every message.
 */
#ifndef DIALTONE_TESTS_CTI_STAGE_H
#define DIALTONE_TESTS_CTI_STAGE_H

#include "../unit/unit.h"
#include "redis/redis.h"
#include "crypto/session_token.h"
#include "relay/cti/cti.h"

#define DOMAIN         "example.org"
#define USER_OF(user_) "cti1:{" DOMAIN "}:u:" user_
#define ROOM_OF(room_) "cti1:{" DOMAIN "}:r:" room_
/* Where orders about users come. */
#define ORDERS "cti1:{" DOMAIN "}:ctl"

enum line_name { LINE_COMMANDS, LINE_EVENTS, LINES };

/* A relay's connection to Redis. */
struct line {
	struct pipeline *pipeline;
	int fd;
	bool output;
	bool held; /* neither read nor made again */
	bool deaf; /* what is to be sent is sent, but nothing is read */
};

struct relay {
	struct cti *cti;
	struct cti_settings settings;
	struct cti_ports ports;
	struct sio_kind kind;
	struct line lines[LINES];
	struct deadline_queue *queues[16];
	size_t queue_n;
	int64_t echo;   /* the last message of stage_settle() that came */
	int64_t drains; /* rates asked for since, added up */
};

struct client {
	struct sio sio;
	struct relay *relay;
	struct buf said; /* names of what it was sent and its end, with spaces between */
	struct buf last; /* the last message as it came */
	bool fleeting;   /* the last message may be dropped */
	uint64_t state;  /* what it is the state of */
	bool settled, ended, gone;
	/* Takes its frames in place of said and last, which stay empty then. */
	void (*take)(struct client *c, struct frame *f);
	size_t waiting; /* bytes, as the relay is told */
};

/* For cmocka: an empty Redis, no relay. */
int stage_setup(void **state);
int stage_teardown(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

/* A running relay; it goes with the stage. */
struct relay *relay_start(const char *id);
/* Breaks a connection and lets the relay notice; it comes back by itself, relay_mend() awaits that. */
void relay_cut(struct relay *r, enum line_name line);
void relay_mend(struct relay *r);
/* Its process dies: connections break and nothing of it is ever heard again. */
void relay_die(struct relay *r);
struct core_counters relay_counters(const struct relay *r);
/* What waits for a line is neither read nor sent, until it is false again. */
void relay_hold(struct relay *r, enum line_name line, bool held);
/* Goes on until Redis has done something, sends what comes of it, and reads no answer to that:
 * relay_hear() does. */
void relay_stop_when(struct relay *r, bool (*done)(void));
void relay_hear(struct relay *r);

/* Turns until nothing is on its way any more, but for what held lines keep. */
void stage_settle(void);
/* One turn of all relays' loops. */
void stage_turn(void);
/* Time passes: every deadline fires at its own moment, and what it causes is awaited. */
void stage_pass(int64_t ms);
/* The machine stood still: all of the time passes at once. */
void stage_leap(int64_t ms);
/* The loop's time. */
int64_t stage_now_ms(void);
/* Seconds since the epoch. */
int64_t stage_wall_s(void);

/* A command to Redis; its answer as text, or as number. */
const char *redis_text(struct redis_command command);
int64_t redis_number(struct redis_command command);
#define REDIS_TEXT(...)   redis_text(REDIS_COMMAND(__VA_ARGS__))
#define REDIS_NUMBER(...) redis_number(REDIS_COMMAND(__VA_ARGS__))
/* Publishes, and awaits what comes of it. */
void publish(const char *channel, const char *text);
/* The copy of a session in Redis; rooms are separated by spaces. */
void session_copy(const char *user, const char *jti, const char *rooms, int64_t expires_s);
void session_forget(const char *jti);
/* Signed by our key. */
const char *session_token(const struct session_claims *claims);

/* A client that is connected and not logged in. */
struct client *client_open(struct relay *r);
/* It sends an event: a JSON array. */
void client_send(struct client *c, const char *array);
/* Its connection breaks. */
void client_drop(struct client *c);
/* The event login with a token of our own, good for fourteen days; ua may be NULL. */
void client_log_in(struct client *c, const char *user, const char *jti, const char *ua);
/* All of it, with a copy of the session in Redis: a client that is logged in, in the room all. */
struct client *client_of(struct relay *r, const char *user, const char *jti, const char *ua);
/* The same up to the login, which waits for something. */
struct client *client_waiting(struct relay *r, const char *user, const char *jti, const char *ua);
/* Milliseconds that pass until it is sent something; at most a hundred seconds. */
int64_t client_ms(struct client *c);

/* What it was sent since, in order: names of events, "41", "43", and how it ended: "broken", "left",
 * "retry" or "restart". */
void client_expect(struct client *c, const char *said, const char *file, int line);
#define assert_said(client_, said_) client_expect(client_, said_, __FILE__, __LINE__)

/* What the relays asked the API and got no answer to, oldest first. */
size_t api_questions(void);
const char *api_question(void);
/* Answers the oldest. */
void api_answer(enum session_answer answer, const char *body);

#endif
