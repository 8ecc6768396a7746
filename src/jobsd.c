/*
 * dialtone-jobs: publishes what waits in the outbox and removes what has expired.
 *
 * SIGTERM and SIGINT end it after the batch at hand; SIGHUP reads the settings again.  Any number
 * may run: one is at the outbox at a time, the others stand by.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "jobs/jobs.h"
#include "pg/pg.h"
#include "resources/statements.h"
#include "daemon/pid_file.h"
#include "version.h"

#define ARENA_BYTES 65536
#define EXIT_CONFIG 78 /* sysexits.h: an operator has to look */

static volatile sig_atomic_t stopping, reloading;

static void on_signal(int number)
{
	if (number == SIGHUP)
		reloading = 1;
	else
		stopping = 1;
}

/* Signals are heard while asleep only, so that a batch is never cut. */
static void signals_init(sigset_t *ret_asleep)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sigaddset(&blocked, numbers[i]);
		sigaction(numbers[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &blocked, ret_asleep);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigdelset(ret_asleep, numbers[i]);
}

static void log_level_apply(const struct conf *conf)
{
	enum log_level level;

	if (log_level_parse(conf_common(conf)->log_level, &level))
		log_set_level(level);
}

static void reload(struct conf *conf)
{
	reloading = 0;
	if (conf_reload(conf) == ERR_OK)
		log_level_apply(conf);
}

static void run(struct jobs *j, struct conf *conf)
{
	sigset_t asleep;

	signals_init(&asleep);
	log_info("started");
	while (!stopping) {
		jobs_sleep(j, jobs_step(j), &asleep);
		if (reloading)
			reload(conf);
	}
	log_info("stopped");
}

/* False when the schema does not fit. */
static bool serve(struct conf *conf)
{
	const struct common_settings *common = conf_common(conf);
	struct arena *config = arena_new(512), *arena = arena_new(ARENA_BYTES);
	struct redis_address address;
	struct jobs j = { .settings = conf_own(conf) };
	bool fits;

	if (redis_address_as(common->redis, &j.settings->redis, config, &address) != ERR_OK)
		log_fatal("not started: Redis cannot be addressed");
	j.wake = outbox_signal_new(&address, common->redis_prefix);
	j.outbox = (struct outbox){
		.service = { .pg = pg_new(&(struct pg_settings){
				     .conninfo = common->postgres, .app_name = "dialtone-jobs" }),
			.arena = arena },
		.redis = redis_new(&address, 0),
		.prefix = common->redis_prefix,
		.has_replicas = address.master != NULL,
	};
	statements_register(j.outbox.service.pg);
	jobs_register(j.outbox.service.pg);
	/* A server that is away may come back; a schema that does not fit will not. */
	fits = pg_connect(j.outbox.service.pg) != ERR_INTERNAL;
	if (fits)
		run(&j, conf);
	outbox_signal_free(&j.wake);
	redis_free(&j.outbox.redis);
	pg_free(&j.outbox.service.pg);
	arena_free(&arena);
	arena_free(&config);
	return fits;
}

static int start(struct conf *conf)
{
	const struct jobs_settings *own = conf_own(conf);
	struct pid_file file;
	bool fits;

	mem_keep_private();
	log_init("jobs", LOG_LEVEL_INFO);
	log_level_apply(conf);
	if (pid_file_init(&file, own->pid_file) != ERR_OK)
		return EXIT_FAILURE;
	fits = serve(conf);
	pid_file_finish(&file);
	return fits ? EXIT_SUCCESS : EXIT_CONFIG;
}

int main(int argc, char **argv)
{
	const struct conf_program program = {
		.name = "dialtone-jobs",
		.version = DIALTONE_VERSION,
		.summary = "publishes events and removes what has expired",
		.own = &jobs_table,
	};
	const struct conf_input input = {
		.argc = argc,
		.argv = (const char *const *)argv,
		.env = (const char *const *)environ,
		.out = stdout,
		.err = stderr,
	};
	int status;
	struct conf *conf = conf_new(&program, &input, &status);

	if (!conf)
		return status;
	status = start(conf);
	conf_free(&conf);
	return status;
}
