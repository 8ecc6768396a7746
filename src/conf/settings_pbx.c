#include "address.h"
#include "conf_priv.h"

static const struct setting rows[] = {
	SETTING_TEXT(pbx_settings, kamailio_rpc, .def = "http://127.0.0.1:5061/RPC",
		.flags = SETTING_REQUIRED, .max = 255, .check = rpc_url_is_valid,
		.must_be = "an address like http://127.0.0.1:5061/RPC",
		.help = "Where Kamailio takes JSON-RPC, to be asked for its calls"),
	SETTING_INT(pbx_settings, sync_interval_s, .def = "30", .min = 1, .max = 3600,
		.flags = SETTING_RELOADABLE,
		.help = "Seconds between looks at all registrations and calls, which mend what was "
			"missed"),
	SETTING_INT(pbx_settings, calls_max, .def = "10000", .min = 1, .max = 1000000,
		.help = "Calls at the same time; those above are counted and not told"),
	SETTING_INT(pbx_settings, devices_max, .def = "50000", .min = 1, .max = 1000000,
		.help = "Devices that are registered or in a call, likewise"),
	SETTING_BOOL(pbx_settings, statistics_from_calls, .def = "false",
		.flags = SETTING_RELOADABLE,
		.help = "Calls that have ended are reported to the statistics, too, where the SIP "
			"server does not do so itself"),
	SETTING_PATH(pbx_settings, metrics_socket, .check = unix_path_is_valid,
		.must_be = "the path of a unix socket",
		.help = "Unix socket that tells figures; none when empty"),
	SETTING_METRICS_LISTEN(pbx_settings, "127.0.0.1:9473"),
	SETTING_PATH(pbx_settings, pid_file, .help = "File for the process id"),
	SETTINGS_REDIS_LOGIN(pbx_settings, "dialtone-pbx"), SETTINGS_END
};

const struct settings_table pbx_table = { "pbx", rows, sizeof(struct pbx_settings),
	"dialtone-pbx, calls and devices as the SIP proxy reports them." };
