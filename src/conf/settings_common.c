#include "conf_priv.h"

static const char *const log_levels[] = { "debug", "info", "warn", "error", NULL };

const char *const push_backends[] = { "none", "native", "flexisip-pusher", NULL };

static const struct setting rows[] = {
	SETTING_TEXT(common_settings, postgres, .def = "dbname=dialtone",
		.flags = SETTING_SECRET | SETTING_REQUIRED, .check = conninfo_is_valid,
		.must_be = "a libpq connection string: names that libpq knows, each with = and its "
			   "value, or a postgresql:// URL",
		.help = "PostgreSQL, as a libpq connection string"),
	SETTING_TEXT(common_settings, redis, .def = "unix:/run/redis/redis-server.sock",
		.flags = SETTING_SECRET | SETTING_REQUIRED, .check = redis_address_is_valid,
		.must_be = "unix:/path[?db=N], redis://[user:password@]host:port/db or "
			   "redis+sentinel://[user:password@]host:port,host:port/master/db, or "
			   "over TLS rediss://... or rediss+sentinel://... with ?ca_file=/path",
		.help = "Redis, on a unix socket, over TCP, or the master that Redis Sentinels "
			"name; rediss over TLS"),
	SETTING_TEXT(common_settings, redis_prefix, .def = "cti1:", .min = 1, .max = 64,
		.help = "Put in front of every Redis key and channel"),
	SETTING_PATH(common_settings, keys_file, .def = "/etc/dialtone/keys",
		.flags = SETTING_REQUIRED,
		.help = "File with the keys for tokens and stored secrets"),
	SETTING_TEXT(common_settings, log_level, .def = "info",
		.flags = SETTING_REQUIRED | SETTING_RELOADABLE, .one_of = log_levels,
		.help = "The least important messages that are logged"),
	SETTING_BOOL_IN(common_settings, deprecated, webrest_alias, .def = "true",
		.flags = SETTING_RELOADABLE,
		.help = "Serve the paths of old clients like the new ones: /webrest to those with "
			"a "
			"JWT, and /socket.io, which takes a restart of the relay"),
	SETTING_DATE_IN(common_settings, deprecated, legacy_sunset, .def = "2026-06-01",
		.flags = SETTING_RELOADABLE,
		.help = "End of the paths of old clients, told in headers of their answers"),
	SETTING_LIST(common_settings, cors_headers, .def = "authorization,content-type",
		.flags = SETTING_RELOADABLE, .check = header_name_is_valid,
		.must_be = "names of header lines",
		.help = "Header lines that pages of other origins may send"),
	SETTING_LIST_AS(common_settings, outgoing.private_places, "outgoing_private",
		.flags = SETTING_RELOADABLE, .check = listed_place_is_valid,
		.must_be = "hosts, addresses and networks like 10.1.0.0/16",
		.help = "Hosts, addresses and networks that may be reached although they are "
			"private, this machine, or not encrypted: gateways, mail servers"),
	SETTING_PATH_AS(common_settings, outgoing.ca_file, "outgoing_ca_file",
		.flags = SETTING_RELOADABLE,
		.help = "Certificates of the authorities that servers of others are trusted by, "
			"as PEM; empty: those of the system"),
	SETTING_CHOICE_AS(common_settings, push.backend, "push_backend",
		.flags = SETTING_RELOADABLE, .def = "none", .one_of = push_backends,
		.help = "Sends push notifications: nothing, we (Firebase and Apple), or the "
			"program of "
			"the Flexisip proxy"),
	SETTING_PATH_AS(common_settings, push.fcm_directory, "push_fcm_directory",
		.flags = SETTING_RELOADABLE,
		.help = "Directory with a service account file of Firebase for each application, "
			"<pn_param>.json"),
	SETTING_TEXT_AS(common_settings, push.fcm_url, "push_fcm_url", .flags = SETTING_RELOADABLE,
		.def = "https://fcm.googleapis.com", .max = URL_MAX, .check = base_url_is_valid,
		.must_be = BASE_URL, .help = "Where Firebase is"),
	SETTING_PATH_AS(common_settings, push.apns_key_file, "push_apns_key_file",
		.flags = SETTING_RELOADABLE,
		.help = "Key for Apple's push notification service, a .p8 file"),
	SETTING_TEXT_AS(common_settings, push.apns_key_id, "push_apns_key_id",
		.flags = SETTING_RELOADABLE, .max = 32, .check = word_is_valid, .must_be = WORD,
		.help = "The id of that key"),
	SETTING_TEXT_AS(common_settings, push.apns_team_id, "push_apns_team_id",
		.flags = SETTING_RELOADABLE, .max = 32, .check = word_is_valid, .must_be = WORD,
		.help = "The team that key is of"),
	SETTING_TEXT_AS(common_settings, push.apns_url, "push_apns_url",
		.flags = SETTING_RELOADABLE, .def = "https://api.push.apple.com", .max = URL_MAX,
		.check = base_url_is_valid, .must_be = BASE_URL,
		.help = "Where Apple's service is"),
	SETTING_TEXT_AS(common_settings, push.apns_sandbox_url, "push_apns_sandbox_url",
		.flags = SETTING_RELOADABLE, .def = "https://api.sandbox.push.apple.com",
		.max = URL_MAX, .check = base_url_is_valid, .must_be = BASE_URL,
		.help = "The same for applications in development"),
	SETTING_PATH_AS(common_settings, push.flexisip_pusher, "push_flexisip_pusher",
		.flags = SETTING_RELOADABLE, .help = "Path of flexisip_pusher"),
	SETTING_TEXT_AS(common_settings, push.flexisip_pusher_keys, "push_flexisip_pusher_keys",
		.flags = SETTING_SECRET | SETTING_RELOADABLE,
		.help = "Keys of Firebase it is given, pn_param:key, separated by blanks; better "
			"the "
			"path of a service account file than a key, which its arguments show"),
	SETTINGS_END
};

const struct settings_table common_table = { "common", rows, sizeof(struct common_settings),
	"For every program. Lines before any section belong here too." };

const struct settings_table *const settings_tables[] = { &common_table, &api_table, &relay_table,
	&jobs_table, &pbx_table, &ctl_table, NULL };
