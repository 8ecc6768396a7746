#include "conf_priv.h"

static const char *const log_levels[] = { "debug", "info", "warn", "error", NULL };

static const struct setting rows[] = {
	SETTING_TEXT(common_settings, postgres, .def = "dbname=dialtone",
		.flags = SETTING_SECRET | SETTING_REQUIRED, .check = conninfo_is_valid,
		.must_be = "a libpq connection string: names that libpq knows, each with = and its "
			   "value, or a postgresql:// URL",
		.help = "PostgreSQL, as a libpq connection string"),
	SETTING_TEXT(common_settings, redis, .def = "unix:/run/redis/redis-server.sock",
		.flags = SETTING_SECRET | SETTING_REQUIRED, .check = redis_address_is_valid,
		.must_be = "unix:/path[?db=N], redis://[user:password@]host:port/db or "
			   "redis+sentinel://[user:password@]host:port,host:port/master/db",
		.help = "Redis, on a unix socket, over TCP, or the master that Redis Sentinels "
			"name"),
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
		.check = listed_place_is_valid,
		.must_be = "hosts, addresses and networks like 10.1.0.0/16",
		.help = "Hosts, addresses and networks that may be reached although they are "
			"private, this machine, or not encrypted: gateways, mail servers"),
	SETTING_PATH_AS(common_settings, outgoing.ca_file, "outgoing_ca_file",
		.help = "Certificates of the authorities that servers of others are trusted by, "
			"as PEM; empty: those of the system"),
	SETTINGS_END
};

const struct settings_table common_table = { "common", rows, sizeof(struct common_settings),
	"For every program. Lines before any section belong here too." };

const struct settings_table *const settings_tables[] = { &common_table, &api_table, &relay_table,
	&jobs_table, &ctl_table, NULL };
