/*
 * What can be set, program by program.  Numbers carry their unit in the name.  Nothing is unset:
 * what is not configured has its default.
 *
 * Modules receive the struct (or the few values) they need from their program's main; none reads a
 * global.  Rows with bounds, defaults and help are in src/conf/settings_*.c, and in words in
 * packaging/dialtone.conf.example, which is made from them.
 */
#ifndef DIALTONE_CONF_SETTINGS_H
#define DIALTONE_CONF_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/outgoing_settings.h"
#include "conf/push_settings.h"
#include "conf/redis_address.h"
#include "conf/rule_settings.h"
#include "conf/setting.h"
#include "conf/sms_settings.h"

/* The paths old clients know: /webrest of the API, /socket.io of relays. */
struct deprecated_settings {
	bool webrest_alias;    /* they are served like the new ones */
	int64_t legacy_sunset; /* microseconds; their end, told in headers */
};

struct common_settings {
	const char *postgres; /* libpq conninfo; secret */
	const char *redis;    /* for redis_address_parse(); secret */
	const char *redis_prefix;
	const char *keys_file;
	const char *log_level; /* for log_set_level_named() */
	struct deprecated_settings deprecated;
	const char *cors_headers; /* list of names */
	struct outgoing_settings outgoing;
	struct push_settings push;
};

struct http_settings {
	const char *cors_origins; /* list for origin_find() */
};

struct api_settings {
	const char *listen; /* path of a unix socket */
	int64_t socket_mode;
	int64_t workers;
	const char *pid_file;       /* "": none */
	const char *metrics_socket; /* the same */
	const char *metrics_listen; /* the same */
	struct rule_settings rules;
	struct http_settings http;
	const char *account_username_regex;        /* POSIX extended; "": any */
	const char *account_blacklisted_usernames; /* list */
	const char *password_block_list;           /* PASSWORD_LIST_PACKAGED, a path; "": none */
	int64_t request_rate, request_burst;       /* rate 0: no limit */
	int64_t stranger_rate, stranger_burst;     /* the same */
	int64_t account_requests_per_minute;       /* 0: no limit */
	int64_t public_tokens_per_minute, public_tokens_per_day; /* of an address; 0: no limit */
	int64_t push_notifications_per_hour;                     /* of an account; 0: no limit */
	const char *registrar_redis, *kamailio_rpc;              /* "": none */
	int64_t pg_connect_timeout_ms;
	int64_t pg_query_timeout_ms;
	struct redis_login redis;
};

struct relay_settings {
	const char *listen; /* 127.0.0.1:9001, [::1]:9001 or unix:/path */
	const char *id;     /* two characters, the beginning of every session id */
	int64_t ping_interval_ms;
	int64_t ping_timeout_ms;
	int64_t silent_client_ms;
	int64_t max_payload; /* bytes */
	int64_t login_timeout_ms;
	int64_t takeover_ms;
	int64_t drain_ms;
	int64_t max_connections;
	int64_t max_sessions_per_address;          /* not logged in; 0: no limit */
	int64_t max_live_sessions_per_address;     /* logged in; 0: no limit */
	int64_t handshakes_per_minute_per_address; /* 0: no limit */
	int64_t handshake_burst_per_address;
	int64_t handshakes_per_second; /* 0: no limit */
	int64_t messages_per_second;   /* of a session; 0: no limit */
	int64_t max_queued_mib;
	const char *metrics_socket; /* "": none */
	const char *metrics_listen; /* the same */
	const char *api_socket;
	const char *pid_file;        /* "": none */
	const char *allowed_origins; /* list for origin_find() */
	struct redis_login redis;
};

/* The words of the setting mail_tls. */
enum mail_tls { MAIL_TLS_STARTTLS, MAIL_TLS_DIRECT, MAIL_TLS_NONE };

/* The mail server of the site. */
struct mail_settings {
	const char *server;                    /* host:port; "": no mails are sent */
	unsigned mail_tls;                     /* enum mail_tls */
	const char *user, *mail_password_file; /* "": none */
	const char *from_address, *from_name;
	const char *mail_templates; /* a folder; "": none */
	int64_t at_once;            /* mails of one process */
	int64_t mails_per_minute_per_space;
	int64_t mail_timeout_s;
};

/* Of what carries out jobs (delivery/backend.h). */
struct delivery_settings {
	int64_t claim_s; /* a worker that says nothing for so long has crashed */
	int64_t attempts_max;
	int64_t retry_s, retry_max_s; /* after the first attempt, doubling */
	int64_t dead_days;            /* 0: kept for ever */
	const char *b2bua_redis;      /* "": there is none */
	struct sms_settings sms;
	struct mail_settings mail;
};

struct jobs_settings {
	int64_t outbox_poll_ms;
	int64_t outbox_batch; /* rows */
	int64_t cleanup_interval_s;
	int64_t statistics_days; /* 0: kept for ever */
	int64_t calls_days;      /* the same */
	int64_t audit_days;      /* the same */
	struct delivery_settings delivery;
	const char *pid_file;       /* "": none */
	const char *metrics_socket; /* the same */
	const char *metrics_listen; /* the same */
	struct redis_login redis;
};

struct pbx_settings {
	const char *kamailio_rpc; /* "": none */
	int64_t sync_interval_s;
	int64_t calls_max, devices_max;
	bool statistics_from_calls;
	const char *pid_file;       /* "": none */
	const char *metrics_socket; /* the same */
	const char *metrics_listen; /* the same */
	struct redis_login redis;
};

/* dialtonectl reads those of the API, too. */
struct ctl_settings {
	struct redis_login redis;
};

extern const struct settings_table common_table, api_table, relay_table, jobs_table, pbx_table,
	ctl_table;
/* All of them, the common one first; NULL-terminated. */
extern const struct settings_table *const settings_tables[];

#endif
