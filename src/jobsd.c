/*
 * dialtone-jobs: publishes what waits in the outbox, carries out jobs and removes what has expired.
 *
 * SIGTERM and SIGINT end it after the batch at hand, and what is being sent gets some seconds to end; SIGHUP
 * reads the settings and keys again.  Any number may run: one is at the outbox at a time, the others stand
 * by, and jobs are shared.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "crypto/keyring.h"
#include "daemon/figures_server.h"
#include "daemon/figures_sockets.h"
#include "daemon/signals.h"
#include "delivery/backend.h"
#include "delivery/shared.h"
#include "jobs/figures.h"
#include "jobs/jobs.h"
#include "outgoing/transfers.h"
#include "pg/pg.h"
#include "resources/statements.h"
#include "daemon/pid_file.h"
#include "daemon/readiness.h"
#include "version.h"

#define ARENA_BYTES 65536
#define EXIT_CONFIG 78   /* sysexits.h: an operator has to look */
#define GRACE_MS    5000 /* for what is being sent, at the end */

/* What the program holds besides what it does. */
struct program {
	struct conf *conf;
	struct keyring *keys;
	struct delivery_shared *shared;
	struct figures_sockets sockets;
	struct figures_server *figures;
	sigset_t asleep;
	struct jobs jobs;
};

static void say_mistake(void *arg, const char *mistake)
{
	(void)arg;
	log_error("%s", mistake);
}

static void reload_shared(struct program *p)
{
	struct delivery_shared *shared;

	if (delivery_shared_new(&p->jobs.settings->delivery, say_mistake, NULL, &shared) != ERR_OK)
		return;
	delivery_shared_free(&p->shared);
	p->jobs.queue.shared = p->shared = shared;
}

static void reload(struct program *p)
{
	struct keyring *keys;

	if (conf_reload(p->conf) == ERR_OK)
		log_set_level_named(conf_common(p->conf)->log_level);
	reload_shared(p);
	if (keyring_load(conf_common(p->conf)->keys_file, &keys) != ERR_OK)
		return;
	keyring_free(&p->keys);
	p->keys = keys;
	p->jobs.queue.service.keys = keys;
}

static void step(struct program *p)
{
	int figures = figures_server_fd(p->figures);

	if (jobs_sleep(&p->jobs, jobs_step(&p->jobs), figures, &p->asleep))
		figures_server_run(p->figures);
}

static void run(struct program *p)
{
	int64_t end;

	signals_init(&p->asleep);
	log_info("started");
	readiness_tell();
	while (!signals_say_stop()) {
		step(p);
		if (signals_say_reload())
			reload(p);
	}
	end = clock_ms() + GRACE_MS;
	while (queue_stop(&p->jobs.queue) && clock_ms() < end)
		step(p);
	log_info("stopped");
}

static void outbox_init(struct jobs *j, const struct common_settings *common,
	const struct redis_address *address, struct keyring *keys)
{
	const struct pg_settings settings = { .conninfo = common->postgres,
		.app_name = "dialtone-jobs" };

	j->wake = outbox_signal_new(address, common->redis_prefix);
	j->outbox = (struct outbox){
		.service = { .pg = pg_new(&settings),
			.keys = keys,
			.arena = arena_new(ARENA_BYTES) },
		.redis = redis_new(address, 0),
		.prefix = common->redis_prefix,
		.has_replicas = address->master != NULL,
	};
	j->queue = (struct queue){ .service = j->outbox.service,
		.settings = &j->settings->delivery,
		.outgoing = &common->outgoing,
		.backends = backends,
		.transfers = transfers_new() };
	j->queue.service.arena = arena_new(ARENA_BYTES);
}

static void outbox_finish(struct jobs *j)
{
	queue_finish(&j->queue);
	arena_free(&j->queue.service.arena);
	outbox_signal_free(&j->wake);
	redis_free(&j->outbox.redis);
	pg_free(&j->outbox.service.pg);
	arena_free(&j->outbox.service.arena);
}

/* False when the schema does not fit. */
static bool serve(struct program *p)
{
	const struct common_settings *common = conf_common(p->conf);
	struct arena *config = arena_new(512);
	struct redis_address address;
	struct jobs *j = &p->jobs;
	bool fits;

	if (redis_address_as(common->redis, &j->settings->redis, config, &address) != ERR_OK)
		log_fatal("not started: Redis cannot be addressed");
	outbox_init(j, common, &address, p->keys);
	j->queue.shared = p->shared;
	statements_register(j->outbox.service.pg);
	jobs_register(j->outbox.service.pg);
	/* A server that is away may come back; a schema that does not fit will not. */
	fits = pg_connect(j->outbox.service.pg) != ERR_INTERNAL;
	p->figures = figures_server_new(
		&(struct figures_source){ jobs_figures_put, jobs_missing, j }, &p->sockets);
	if (fits)
		run(p);
	figures_server_free(&p->figures);
	outbox_finish(j);
	arena_free(&config);
	return fits;
}

static int serve_with_files(struct program *p)
{
	bool serves = keyring_load(conf_common(p->conf)->keys_file, &p->keys) == ERR_OK;

	serves = serves && delivery_shared_new(&p->jobs.settings->delivery, say_mistake, NULL,
				   &p->shared) == ERR_OK;
	serves = serves && serve(p);
	delivery_shared_free(&p->shared);
	keyring_free(&p->keys);
	return serves ? EXIT_SUCCESS : EXIT_CONFIG;
}

static int start(struct conf *conf)
{
	const struct jobs_settings *own = conf_own(conf);
	const struct api_settings *api = conf_also(conf, &api_table);
	struct program p = { .conf = conf,
		.jobs = { .settings = own, .rules = &api->rules, .version = DIALTONE_VERSION } };
	struct pid_file file;
	int status = EXIT_FAILURE;

	mem_keep_private();
	log_init("jobs", LOG_LEVEL_INFO);
	log_set_level_named(conf_common(conf)->log_level);
	if (pid_file_init(&file, own->pid_file) != ERR_OK)
		return EXIT_FAILURE;
	if (figures_sockets_open(&p.sockets, own->metrics_socket, own->metrics_listen) == ERR_OK)
		status = serve_with_files(&p);
	figures_sockets_close(&p.sockets);
	pid_file_finish(&file);
	return status;
}

int main(int argc, char **argv)
{
	const struct conf_program program = {
		.name = "dialtone-jobs",
		.version = DIALTONE_VERSION,
		.summary = "publishes events, sends mails and messages, removes what has expired",
		.own = &jobs_table,
		.behind = &api_table, /* which is told who has the phones */
	};
	const struct conf_input input = conf_input_of_process(argc, argv);
	int status;
	struct conf *conf = conf_new(&program, &input, &status);

	if (!conf)
		return status;
	status = start(conf);
	conf_free(&conf);
	return status;
}
