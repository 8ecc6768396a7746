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
	SETTING_PATH(jobs_settings, pid_file, .help = "File for the process id"),
	SETTINGS_REDIS_LOGIN(jobs_settings, "dialtone-jobs"), SETTINGS_END
};

const struct settings_table jobs_table = { "jobs", rows, sizeof(struct jobs_settings),
	"dialtone-jobs, deliveries and clean-ups." };
