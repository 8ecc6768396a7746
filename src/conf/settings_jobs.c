#include "address.h"
#include "conf_priv.h"

static const struct setting rows[] = {
	SETTING_INT(jobs_settings, outbox_poll_ms, .def = "200", .min = 10, .max = 60000,
		.flags = SETTING_RELOADABLE,
		.help = "Milliseconds between looks at the outbox when nothing woke us"),
	SETTING_INT(jobs_settings, outbox_batch, .def = "500", .min = 1, .max = 5000,
		.flags = SETTING_RELOADABLE, .help = "Events taken from the outbox at once"),
	SETTING_INT(jobs_settings, cleanup_interval_s, .def = "60", .min = 1, .max = 86400,
		.flags = SETTING_RELOADABLE,
		.help = "Seconds between removals of what has expired"),
	SETTING_INT(jobs_settings, statistics_days, .def = "30", .min = 0, .max = 36500,
		.flags = SETTING_RELOADABLE,
		.help = "Days after which reported messages and calls are removed; 0 keeps them"),
	SETTING_INT_AS(jobs_settings, delivery.attempts_max, "job_attempts_max", .def = "20",
		.min = 1, .max = 1000, .flags = SETTING_RELOADABLE,
		.help = "A mail or message is given up after so many attempts"),
	SETTING_INT_AS(jobs_settings, delivery.retry_s, "job_retry_s", .def = "5", .min = 1,
		.max = 3600, .flags = SETTING_RELOADABLE,
		.help = "Seconds between its first two attempts at most, doubling from there"),
	SETTING_INT_AS(jobs_settings, delivery.retry_max_s, "job_retry_max_s", .def = "900",
		.min = 1, .max = 86400, .flags = SETTING_RELOADABLE,
		.help = "Seconds between two attempts that are not exceeded"),
	SETTING_INT_AS(jobs_settings, delivery.claim_s, "job_claim_s", .def = "15", .min = 1,
		.max = 600, .flags = SETTING_RELOADABLE,
		.help = "Seconds after which another process takes a job whose own has crashed"),
	SETTING_INT_AS(jobs_settings, delivery.dead_days, "job_dead_days", .def = "7", .min = 0,
		.max = 36500, .flags = SETTING_RELOADABLE,
		.help = "Days for which what was given up is kept; 0 keeps it"),
	SETTING_PATH(jobs_settings, metrics_socket, .check = unix_path_is_valid,
		.must_be = "the path of a unix socket",
		.help = "Unix socket that tells figures; none when empty"),
	SETTING_PATH(jobs_settings, pid_file, .help = "File for the process id"),
	SETTINGS_REDIS_LOGIN(jobs_settings, "dialtone-jobs"), SETTINGS_END
};

const struct settings_table jobs_table = { "jobs", rows, sizeof(struct jobs_settings),
	"dialtone-jobs, deliveries and clean-ups." };
