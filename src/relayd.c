/*
 * dialtone-relay: reads the settings, builds the parts, connects them, runs.
 *
 * One thread and one loop.  SIGTERM closes every transport without a Socket.IO goodbye, so that the
 * clients come back by themselves; SIGHUP reads the settings again.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "bus/redis_address.h"
#include "conf/conf.h"
#include "conf/settings.h"
#include "crypto/keyring.h"
#include "proc/pid_file.h"
#include "relay/cti/cti.h"
#include "relay/link/link_host.h"
#include "relay/net/acceptor.h"
#include "relay/upstream/session_api.h"
#include "relay/ws/ws.h"
#include "version.h"

#define HEAD_MS        10000
#define STALL_MS       20000
#define LINGER_MS      5000
#define CHANNEL_MS     15000
#define CHECK_MS       60000
#define RETRY_MS       1000
#define STOP_MS        3000
#define STOP_LOOK_MS   20
#define RESERVED_FILES 64

/* A connection to Redis as the loop sees it. */
struct redis_watch {
	struct watch watch;
	struct pipeline *pipeline;
};

struct program {
	struct conf *conf;
	struct arena *arena; /* of the Redis address */
	struct keyring *keys;
	struct loop *loop;
	struct link_settings link_settings;
	struct cti_settings cti_settings;
	struct cti_ports ports;
	struct redis_watch redis[2];
	struct session_api *api;
	struct cti *cti;
	struct link_host *host;
	struct acceptor *acceptor;
	struct watch signals;
	struct deadline stop; /* looks whether all have gone */
	struct deadline_queue stops;
	int64_t stop_by_ms;
};

extern char **environ;

static const char *const paths[] = { "/api/ws", "/socket.io", NULL };

static void on_redis_ready(struct watch *w, uint32_t events)
{
	struct redis_watch *r = LIST_ENTRY(w, struct redis_watch, watch);

	pipeline_on_ready(r->pipeline, events & (EPOLLIN | EPOLLHUP | EPOLLERR), events & EPOLLOUT);
}

/* The first call for a connection takes a free place. */
static struct redis_watch *redis_watch_of(struct program *p, struct pipeline *pipeline)
{
	struct redis_watch *r = p->redis;

	while (r->pipeline && r->pipeline != pipeline)
		r++;
	if (!r->pipeline)
		watch_init(&r->watch, on_redis_ready);
	r->pipeline = pipeline;
	return r;
}

static void watch_redis(void *arg, struct pipeline *pipeline, int fd, bool output)
{
	struct program *p = arg;
	struct redis_watch *r = redis_watch_of(p, pipeline);

	if (fd < 0)
		loop_unwatch(p->loop, &r->watch);
	else
		loop_watch(p->loop, &r->watch, fd, EPOLLIN | (output ? (uint32_t)EPOLLOUT : 0));
}

static void ask_api(
	void *arg, struct str token, struct str host, session_answer_fn *fn, void *fn_arg)
{
	struct program *p = arg;

	session_api_ask(p->api, token, host, fn, fn_arg);
}

static void add_queue(void *arg, struct deadline_queue *q)
{
	struct program *p = arg;

	loop_add_queue(p->loop, q);
}

static int64_t now_ms(void *arg)
{
	const struct program *p = arg;

	return loop_now(p->loop);
}

/* Descriptors are the first thing to run out: all the system gives, and no more clients than that. */
static size_t connections_possible(int64_t wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return (size_t)wanted;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= (rlim_t)wanted + RESERVED_FILES)
		return (size_t)wanted;
	log_warn("max_connections is %lld, but only %llu descriptors may be open",
		(long long)wanted, (unsigned long long)limit.rlim_cur);
	return limit.rlim_cur > RESERVED_FILES ? (size_t)limit.rlim_cur - RESERVED_FILES : 0;
}

static void take_settings(struct program *p)
{
	const struct relay_settings *s = conf_own(p->conf);
	enum log_level level;

	if (log_level_parse(conf_common(p->conf)->log_level, &level))
		log_set_level(level);
	p->link_settings = (struct link_settings){
		.eio = {
			.ping_interval_ms = (uint32_t)s->ping_interval_ms,
			.ping_timeout_ms = (uint32_t)s->ping_timeout_ms,
			.max_payload = (uint32_t)s->max_payload,
			.silent_grace_ms = (uint32_t)s->silent_client_ms,
		},
		.transports = EIO_WEBSOCKET,
		.versions = 1U << EIO_VERSION_4,
		.paths = paths,
		.id = s->id,
		.allowed_origins = s->allowed_origins,
		.max_connections = connections_possible(s->max_connections),
		.head_ms = HEAD_MS,
		.login_ms = (uint32_t)s->login_timeout_ms,
		.stall_ms = STALL_MS,
		.linger_ms = LINGER_MS,
	};
}

static void begin_to_stop(struct program *p)
{
	if (deadline_is_set(&p->stop))
		return;
	log_info("stopping with %zu connections", link_host_count(p->host));
	acceptor_free(&p->acceptor);
	link_host_close_all(p->host, WS_CLOSE_RESTART);
	p->stop_by_ms = loop_now(p->loop) + STOP_MS;
	deadline_set(&p->stop, &p->stops, loop_now(p->loop));
}

static void on_stop_look(struct deadline *d, int64_t now)
{
	struct program *p = LIST_ENTRY(d, struct program, stop);

	if (link_host_count(p->host) == 0 || now >= p->stop_by_ms)
		loop_stop(p->loop);
	else
		deadline_set(d, &p->stops, now + STOP_LOOK_MS);
}

static void on_signal(struct watch *w, uint32_t events)
{
	struct program *p = LIST_ENTRY(w, struct program, signals);
	struct signalfd_siginfo info;

	(void)events;
	if (read(w->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo != SIGHUP)
		begin_to_stop(p);
	else if (conf_reload(p->conf) == ERR_OK)
		take_settings(p);
}

static void watch_signals(struct program *p)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		log_fatal("no descriptor for signals");
	watch_init(&p->signals, on_signal);
	loop_watch(p->loop, &p->signals, fd, EPOLLIN);
	deadline_init(&p->stop);
	deadline_queue_init(&p->stops, on_stop_look);
	loop_add_queue(p->loop, &p->stops);
}

static void build(struct program *p, const struct redis_address *redis)
{
	const struct relay_settings *s = conf_own(p->conf);

	p->loop = loop_new(clock_ms);
	watch_signals(p);
	p->cti_settings = (struct cti_settings){
		.prefix = conf_common(p->conf)->redis_prefix,
		.keys = p->keys,
		.linger_ms = CHANNEL_MS,
		.check_ms = CHECK_MS,
		.retry_ms = RETRY_MS,
	};
	p->ports = (struct cti_ports){ watch_redis, ask_api, add_queue, now_ms, p };
	p->api = session_api_new(p->loop, s->api_socket);
	p->cti = cti_new(&p->cti_settings, &p->ports, redis);
	p->host = link_host_new(p->loop, &p->link_settings, &cti_app, p->cti);
}

/* Clients first: what they wait for is answered to nobody then. */
static void take_apart(struct program *p)
{
	int signals = p->signals.fd;

	acceptor_free(&p->acceptor);
	link_host_free(&p->host);
	session_api_free(&p->api);
	cti_free(&p->cti);
	loop_unwatch(p->loop, &p->signals);
	close(signals);
	loop_free(&p->loop);
}

static enum err run(struct program *p)
{
	const struct common_settings *common = conf_common(p->conf);
	const struct relay_settings *s = conf_own(p->conf);
	struct redis_address redis;
	enum err e = redis_address_parse(common->redis, p->arena, &redis);

	if (e == ERR_OK)
		e = keyring_load(common->keys_file, &p->keys);
	if (e != ERR_OK)
		return e;
	take_settings(p);
	build(p, &redis);
	e = acceptor_new(p->loop, s->listen, link_host_accept, p->host, &p->acceptor);
	if (e == ERR_OK) {
		log_info("dialtone-relay %s listens on %s", DIALTONE_VERSION, s->listen);
		loop_run(p->loop);
	}
	take_apart(p);
	return e;
}

int main(int argc, char **argv)
{
	static const struct conf_program about = { .name = "dialtone-relay",
		.version = DIALTONE_VERSION,
		.summary = "Delivers live events to Socket.IO clients.",
		.own = &relay_table };
	const struct conf_input input = { argc, (const char *const *)argv,
		(const char *const *)environ, stdout, stderr };
	struct program p = { .arena = arena_new(1024) };
	struct pid_file pid;
	int status;

	log_init("relay", LOG_LEVEL_INFO);
	p.conf = conf_new(&about, &input, &status);
	if (p.conf) {
		const struct relay_settings *s = conf_own(p.conf);

		status = EXIT_FAILURE;
		if (pid_file_init(&pid, s->pid_file) == ERR_OK) {
			status = run(&p) == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
			pid_file_finish(&pid);
		}
	}
	conf_free(&p.conf);
	keyring_free(&p.keys);
	arena_free(&p.arena);
	return status;
}
