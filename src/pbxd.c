/*
 * dialtone-pbx: tells clients what phones and calls are doing, as the SIP proxy reports it.
 *
 * SIGTERM and SIGINT end it, and another one takes over; SIGHUP reads the settings again.  Any number may run:
 * one is at work at a time, the others stand by.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "daemon/figures_server.h"
#include "daemon/figures_sockets.h"
#include "daemon/signals.h"
#include "daemon/pid_file.h"
#include "daemon/readiness.h"
#include "pbx/connector.h"
#include "pbx/kamailio.h"
#include "version.h"

#define EXIT_CONFIG 78 /* sysexits.h: an operator has to look */

static void reload(struct conf *conf)
{
	if (conf_reload(conf) == ERR_OK)
		log_set_level_named(conf_common(conf)->log_level);
}

static void run(struct conf *conf, struct connector *c, const struct figures_sockets *sockets)
{
	const struct figures_source source = { connector_figures_put, connector_missing, c };
	struct figures_server *figures = figures_server_new(&source, sockets);
	sigset_t asleep;

	signals_init(&asleep);
	log_info("started");
	readiness_tell();
	while (!signals_say_stop()) {
		if (connector_turn(c, figures_server_fd(figures), &asleep))
			figures_server_run(figures);
		if (signals_say_reload())
			reload(conf);
	}
	figures_server_free(&figures);
	log_info("stopped");
}

/* A server that is away may come back; a schema that does not fit will not. */
static int serve(
	struct conf *conf, const struct redis_address *redis, const struct figures_sockets *sockets)
{
	const struct connector_settings settings = {
		.common = conf_common(conf),
		.own = conf_own(conf),
		.redis = redis,
		.back_end = &kamailio,
		.version = DIALTONE_VERSION,
	};
	struct connector *c = connector_new(&settings);
	bool fits = connector_fits(c);

	if (fits)
		run(conf, c, sockets);
	connector_free(&c);
	return fits ? EXIT_SUCCESS : EXIT_CONFIG;
}

static int serve_with_redis(struct conf *conf, const struct figures_sockets *sockets)
{
	const struct pbx_settings *own = conf_own(conf);
	struct arena *config = arena_new(512);
	struct redis_address redis;
	int status;

	if (redis_address_as(conf_common(conf)->redis, &own->redis, config, &redis) != ERR_OK)
		log_fatal("not started: Redis cannot be addressed");
	status = serve(conf, &redis, sockets);
	arena_free(&config);
	return status;
}

static int start(struct conf *conf)
{
	const struct pbx_settings *own = conf_own(conf);
	struct figures_sockets sockets;
	struct pid_file file;
	int status = EXIT_FAILURE;

	mem_keep_private();
	log_init("pbx", LOG_LEVEL_INFO);
	log_set_level_named(conf_common(conf)->log_level);
	if (pid_file_init(&file, own->pid_file) != ERR_OK)
		return EXIT_FAILURE;
	if (figures_sockets_open(&sockets, own->metrics_socket, own->metrics_listen) == ERR_OK)
		status = serve_with_redis(conf, &sockets);
	figures_sockets_close(&sockets);
	pid_file_finish(&file);
	return status;
}

int main(int argc, char **argv)
{
	const struct conf_program program = {
		.name = "dialtone-pbx",
		.version = DIALTONE_VERSION,
		.summary = "tells clients what phones and calls are doing",
		.own = &pbx_table,
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
