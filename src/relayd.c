/*
 * dialtone-relay: reads the settings, builds the parts, connects them, runs once Redis answers.
 *
 * One thread and one loop.  SIGTERM refuses newcomers and closes every transport without a Socket.IO
 * goodbye, some at a time, so that the clients come back by themselves, elsewhere; a second one does
 * not wait.  SIGHUP reads settings and keys again.  With --drain it only gives the one that runs an order.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/redis_address.h"
#include "conf/conf.h"
#include "conf/settings.h"
#include "crypto/keyring.h"
#include "daemon/figures_server.h"
#include "daemon/figures_sockets.h"
#include "daemon/pid_file.h"
#include "daemon/readiness.h"
#include "daemon/unix_call.h"
#include "relay/admin/admin.h"
#include "relay/admin/departure.h"
#include "relay/cti/cti.h"
#include "relay/server/settings.h"
#include "relay/upstream/session_api.h"
#include "version.h"

#define ANSWER_MAX    64
#define START_MS      5000
#define START_LOOK_MS 100

/* A connection to Redis as the loop sees it. */
struct redis_watch {
	struct watch watch;
	struct pipeline *pipeline;
	struct program *program;
};

struct program {
	struct conf *conf;
	struct arena *arena; /* of the Redis address */
	struct keyring *keys;
	struct loop *loop;
	struct server_settings server_settings;
	struct cti_settings cti_settings;
	struct cti_ports ports;
	struct redis_watch redis[2];
	struct session_api *api;
	struct cti *cti;
	struct server *server;
	struct acceptor *acceptor;
	struct admin_subject subject;
	struct admin *admin; /* NULL: none is wanted */
	struct figures_sockets sockets;
	struct figures_server *figures;
	struct watch figures_watch;
	struct watch signals;
	struct departure departure;
};

extern char **environ;

static void on_redis_ready(struct watch *w, uint32_t events)
{
	struct redis_watch *r = LIST_ENTRY(w, struct redis_watch, watch);

	/* What came before goes out first, or a flood of events would fill the queues of clients that
	 * do keep up. The loop turns at once while something waits for its slice. */
	if (server_is_behind(r->program->server) && !(events & EPOLLOUT))
		return;
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
	r->program = p;
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
	void *arg, struct str authorization, struct str host, session_answer_fn *fn, void *fn_arg)
{
	struct program *p = arg;

	session_api_ask(p->api, authorization, host, fn, fn_arg);
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

static int64_t wall_us(void *arg)
{
	(void)arg;
	return clock_wall_us();
}

static void drain(void *arg, int64_t rate)
{
	struct program *p = arg;

	drain_clients(&p->departure, rate);
}

/* What is served on which path is settled at the start. */
static void take_settings(struct program *p)
{
	const struct server_path *paths = p->server_settings.paths;

	log_set_level_named(conf_common(p->conf)->log_level);
	p->server_settings = server_settings_of(conf_own(p->conf), conf_common(p->conf));
	if (paths)
		p->server_settings.paths = paths;
}

/* The old ones stay in use when the file has mistakes, which have been logged. */
static bool take_keys(struct program *p)
{
	const char *path = conf_common(p->conf)->keys_file;
	struct keyring *keys;

	if (keyring_load(path, &keys) != ERR_OK)
		return false;
	keyring_free(&p->keys);
	p->keys = keys;
	p->cti_settings.keys = keys;
	return true;
}

static void read_again(struct program *p)
{
	bool taken = conf_reload(p->conf) == ERR_OK;

	if (taken)
		take_settings(p);
	if (take_keys(p) && taken)
		log_info("settings and keys were read again");
	else
		log_error("reload: %s has mistakes, see \"dialtonectl config check\"; what has "
			  "none was taken, the rest is as before",
			taken ? "the keys file" : "the configuration");
}

static void on_signal(struct watch *w, uint32_t events)
{
	struct program *p = LIST_ENTRY(w, struct program, signals);
	const struct relay_settings *s = conf_own(p->conf);
	struct signalfd_siginfo info;

	(void)events;
	if (read(w->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo != SIGHUP)
		drain_begin(&p->departure, s->drain_ms);
	else
		read_again(p);
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
}

static void build(struct program *p, const struct redis_address *redis)
{
	const struct relay_settings *s = conf_own(p->conf);

	p->loop = loop_new(clock_ms);
	watch_signals(p);
	p->cti_settings = cti_usual;
	p->cti_settings.core.prefix = conf_common(p->conf)->redis_prefix;
	p->cti_settings.keys = p->keys;
	p->cti_settings.core.relay = s->id;
	p->cti_settings.takeover_ms = (uint32_t)s->takeover_ms;
	p->ports = (struct cti_ports){ { watch_redis, add_queue, now_ms, wall_us, p }, ask_api,
		drain };
	p->api = session_api_new(p->loop, s->api_socket);
	p->cti = cti_new(&p->cti_settings, &p->ports, redis);
	p->server = server_new(p->loop, &p->server_settings, &cti_app, p->cti);
	drain_init(&p->departure, p->loop, p->cti, p->server, &p->acceptor);
	p->subject =
		(struct admin_subject){ p->loop, p->cti, p->server, drain, p, DIALTONE_VERSION };
}

static void on_figures(struct watch *w, uint32_t events)
{
	struct program *p = LIST_ENTRY(w, struct program, figures_watch);

	(void)events;
	figures_server_run(p->figures);
}

static const char *missing(void *arg)
{
	const struct program *p = arg;

	if (drain_refuses_newcomers(&p->departure))
		return "draining";
	return cti_is_connected(p->cti) ? NULL : "redis";
}

static void put_figures(void *arg, bool open_metrics, struct buf *out)
{
	struct program *p = arg;

	admin_figures_put(&p->subject, open_metrics, out);
}

/* From the first moment on: a relay that waits for Redis is alive. */
static enum err open_figures(struct program *p)
{
	const struct relay_settings *s = conf_own(p->conf);
	enum err e = figures_sockets_open(&p->sockets, "", s->metrics_listen);

	if (e != ERR_OK)
		return e;
	p->figures = figures_server_new(
		&(struct figures_source){ put_figures, missing, p }, &p->sockets);
	watch_init(&p->figures_watch, on_figures);
	loop_watch(p->loop, &p->figures_watch, figures_server_fd(p->figures), EPOLLIN);
	return ERR_OK;
}

static void close_figures(struct program *p)
{
	if (p->figures)
		loop_unwatch(p->loop, &p->figures_watch);
	figures_server_free(&p->figures);
	figures_sockets_close(&p->sockets);
}

static enum err open_admin(struct program *p)
{
	const struct relay_settings *s = conf_own(p->conf);

	return *s->metrics_socket ? admin_new(&p->subject, s->metrics_socket, &p->admin) : ERR_OK;
}

/* Clients first: the answers they wait for then find no client. */
static void take_apart(struct program *p)
{
	int signals = p->signals.fd;

	acceptor_free(&p->acceptor);
	admin_free(&p->admin);
	close_figures(p);
	server_free(&p->server);
	session_api_free(&p->api);
	cti_free(&p->cti);
	loop_unwatch(p->loop, &p->signals);
	close(signals);
	loop_free(&p->loop);
}

/* A relay that cannot serve yet leaves its clients to the others (cti-api 3.9). */
static enum err await_redis(struct program *p)
{
	int64_t end = loop_now(p->loop) + START_MS;

	while (!cti_is_connected(p->cti) && loop_now(p->loop) < end &&
		!drain_has_begun(&p->departure))
		loop_turn(p->loop, START_LOOK_MS);
	if (cti_is_connected(p->cti))
		return ERR_OK;
	log_error("not started: redis does not answer; see the line before, and redis_at of "
		  "\"dialtonectl "
		  "status\"");
	return ERR_UNAVAILABLE;
}

static enum err run(struct program *p)
{
	const struct common_settings *common = conf_common(p->conf);
	const struct relay_settings *s = conf_own(p->conf);
	struct redis_address redis;
	enum err e = redis_address_as(common->redis, &s->redis, p->arena, &redis);

	if (e == ERR_OK)
		e = keyring_load(common->keys_file, &p->keys);
	if (e != ERR_OK)
		return e;
	take_settings(p);
	build(p, &redis);
	e = open_figures(p);
	if (e == ERR_OK)
		e = await_redis(p);
	if (e == ERR_OK)
		e = open_admin(p);
	if (e == ERR_OK)
		e = acceptor_new(p->loop, s->listen, server_accept, p->server, &p->acceptor);
	if (e == ERR_OK) {
		log_info("dialtone-relay %s listens on %s", DIALTONE_VERSION, s->listen);
		readiness_tell();
		log_collect(true); /* the loop writes them at the end of each turn */
		loop_run(p->loop);
		log_collect(false);
	}
	take_apart(p);
	return e;
}

static void print_help(FILE *out)
{
	fprintf(out,
		"  --drain\n        As the last option: make the relay that runs with this "
		"configuration send its\n        clients elsewhere and let no new ones in, and "
		"exit\n");
}

/* The answer comes when it has begun. */
static int ask_to_drain(const char *path)
{
	struct buf answer;
	bool begun;

	buf_init(&answer, ANSWER_MAX);
	begun = *path && unix_call_make(path, "drain\n", &answer) == ERR_OK &&
		str_is(buf_str(&answer), "ok\n");
	buf_finish(&answer);
	if (*path && !begun)
		fprintf(stderr, "dialtone-relay: no relay answers at %s\n", path);
	else if (!begun)
		fprintf(stderr, "dialtone-relay: --drain needs the setting metrics_socket\n");
	return begun ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_alone(struct program *p)
{
	const struct relay_settings *s = conf_own(p->conf);
	struct pid_file pid;
	int status;

	if (pid_file_init(&pid, s->pid_file) != ERR_OK)
		return EXIT_FAILURE;
	status = run(p) == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
	pid_file_finish(&pid);
	return status;
}

int main(int argc, char **argv)
{
	static const struct conf_program about = { .name = "dialtone-relay",
		.version = DIALTONE_VERSION,
		.summary = "Delivers live events to Socket.IO clients.",
		.own = &relay_table,
		.help = print_help };
	const bool drains = argc > 1 && strcmp(argv[argc - 1], "--drain") == 0;
	const struct conf_input input = conf_input_of_process(argc - drains, argv);
	struct program p = { .arena = arena_new(1024) };
	int status;

	mem_keep_private();
	log_init("relay", LOG_LEVEL_INFO);
	p.conf = conf_new(&about, &input, &status);
	if (p.conf && drains)
		status = ask_to_drain(
			((const struct relay_settings *)conf_own(p.conf))->metrics_socket);
	else if (p.conf)
		status = run_alone(&p);
	conf_free(&p.conf);
	keyring_free(&p.keys);
	arena_free(&p.arena);
	return status;
}
