#include "address.h"
#include "conf_priv.h"

#define HOUR_MS 3600000

static const struct setting rows[] = {
	SETTING_TEXT(relay_settings, listen, .def = "127.0.0.1:9001", .flags = SETTING_REQUIRED,
		.check = listen_address_is_valid, .must_be = "an address:port or unix:/path",
		.help = "Where nginx passes the WebSocket connections"),
	SETTING_TEXT(relay_settings, id, .def = "aa", .flags = SETTING_REQUIRED,
		.check = relay_id_is_valid, .must_be = "two characters of A-Z a-z 0-9 - _",
		.help = "Beginning of every session id, different for each relay of a site"),
	SETTING_INT(relay_settings, ping_interval_ms, .def = "25000", .min = 100, .max = HOUR_MS,
		.flags = SETTING_RELOADABLE, .help = "Milliseconds between heartbeats"),
	SETTING_INT(relay_settings, ping_timeout_ms, .def = "20000", .min = 100, .max = HOUR_MS,
		.flags = SETTING_RELOADABLE,
		.help = "Milliseconds a client has to answer a heartbeat"),
	SETTING_INT(relay_settings, silent_client_ms, .def = "600000", .min = 1000,
		.max = (int64_t)24 * HOUR_MS, .flags = SETTING_RELOADABLE,
		.help = "Milliseconds until a client that never answered a heartbeat is dropped"),
	SETTING_INT(relay_settings, max_payload, .def = "65536", .min = 1024, .max = 1000000,
		.help = "Bytes of the longest message taken from a client"),
	SETTING_INT(relay_settings, login_timeout_ms, .def = "30000", .min = 100, .max = HOUR_MS,
		.flags = SETTING_RELOADABLE, .help = "Milliseconds a client has to log in"),
	SETTING_INT(relay_settings, takeover_ms, .def = "8000", .min = 100, .max = HOUR_MS,
		.help = "Milliseconds a login waits for the user's other session to give way"),
	SETTING_INT(relay_settings, drain_ms, .def = "10000", .min = 0, .max = HOUR_MS,
		.flags = SETTING_RELOADABLE,
		.help = "Milliseconds over which clients are sent elsewhere when the relay is "
			"stopped"),
	SETTING_INT(relay_settings, max_connections, .def = "20000", .min = 1, .max = 1000000,
		.help = "Connections at the same time; more are refused"),
	SETTING_INT(relay_settings, max_sessions_per_address, .def = "256", .max = 1000000,
		.flags = SETTING_RELOADABLE,
		.help = "Sessions not yet logged in of one client address (IPv6: its /64), as "
			"nginx tells it; 0 is any number"),
	SETTING_INT(relay_settings, max_live_sessions_per_address, .def = "0", .max = 1000000,
		.flags = SETTING_RELOADABLE,
		.help = "Sessions logged in of one client address, which an office may share; 0 "
			"is any number"),
	SETTING_INT(relay_settings, handshakes_per_minute_per_address, .def = "2000",
		.max = 60000000, .flags = SETTING_RELOADABLE,
		.help = "New sessions a minute of one client address; 0 is any number"),
	SETTING_INT(relay_settings, handshake_burst_per_address, .def = "1000", .min = 1,
		.max = 1000000, .flags = SETTING_RELOADABLE,
		.help = "How many of them may come at once"),
	SETTING_INT(relay_settings, handshakes_per_second, .def = "500", .max = 1000000,
		.flags = SETTING_RELOADABLE,
		.help = "New sessions a second, twice as many at once; 0 is any number"),
	SETTING_INT(relay_settings, messages_per_second, .def = "30", .max = 1000000,
		.flags = SETTING_RELOADABLE,
		.help = "Messages a second from one client, five times as many at once; 0 is any "
			"number"),
	SETTING_INT(relay_settings, max_queued_mib, .def = "256", .min = 1, .max = 1000000,
		.flags = SETTING_RELOADABLE,
		.help = "MiB that wait for slow clients together; the slowest are dropped beyond"),
	SETTING_PATH(relay_settings, api_socket, .def = "/run/dialtone/api.sock",
		.flags = SETTING_REQUIRED, .check = unix_path_is_valid,
		.must_be = "an absolute path of at most 107 characters",
		.help = "The FastCGI socket of dialtone-api, asked whether a session is alive"),
	SETTING_PATH(relay_settings, metrics_socket, .check = unix_path_is_valid,
		.must_be = "an absolute path of at most 107 characters",
		.help = "Unix socket for metrics and for \"dialtonectl relay\""),
	SETTING_METRICS_LISTEN(relay_settings, "127.0.0.1:9481"),
	SETTING_PATH(relay_settings, pid_file, .help = "File for the process id"),
	SETTING_LIST(relay_settings, allowed_origins, .def = "file://,null",
		.flags = SETTING_RELOADABLE, .check = listed_origin_is_valid,
		.must_be = "origins like https://host, file://, null, capacitor://localhost, or *",
		.help = "Origins whose pages and packaged apps may connect besides the server's "
			"own; * is any"),
	SETTINGS_REDIS_LOGIN(relay_settings, "dialtone-relay"), SETTINGS_END
};

const struct settings_table relay_table = { "relay", rows, sizeof(struct relay_settings),
	"dialtone-relay, live events over WebSocket." };
