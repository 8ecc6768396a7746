/* Shared inside conf/: one attempt at reading a configuration, and the checks the tables use. */
#ifndef DIALTONE_CONF_CONF_PRIV_H
#define DIALTONE_CONF_CONF_PRIV_H

#include "base/arena.h"
#include "base/buf.h"
#include "conf/conf.h"

/* One setting during a reading. */
struct slot {
	const struct settings_table *table;
	const struct setting *row;
	void *object;         /* the struct it is stored in */
	const char *where;    /* the source of its value, in words */
	int line;             /* of the file, 0 when it is not there */
	const char *argument; /* given on the command line; NULL when it was not */
};

/* What the command line asks for besides settings. */
enum conf_action { CONF_RUN, CONF_CHECK, CONF_PRINT, CONF_HELP, CONF_VERSION };

/* One attempt at reading. Texts live in the arena, mistakes gather. */
struct load {
	struct arena *arena;
	struct slot *slots;
	size_t count;
	struct buf mistakes; /* a line each */
	unsigned mistake_count;
	enum conf_action action;
	const char *file; /* NULL: the default one */
	int rest;         /* see conf_rest() */
};

/* Makes a slot, holding the default, for each row of the tables (NULL-terminated). */
void load_init(struct load *l, const struct settings_table *const *tables);
void load_finish(struct load *l);
void load_mistake(struct load *l, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* table NULL: any. NULL when there is no such setting. */
struct slot *load_find(struct load *l, const struct settings_table *table, struct str name);
/* Stores the value, or notes a mistake. where is kept. */
void load_assign(struct load *l, struct slot *s, struct str text, const char *where);
/* The struct of a table; NULL when it is not part of this reading. */
void *load_object(const struct load *l, const struct settings_table *table);

/* must_exist: a missing file is a mistake. */
void load_file(struct load *l, const char *path, bool must_exist);
void load_environment(struct load *l, const char *const *env);
/* The file the environment names; NULL when it names none. */
const char *load_env_file(const char *const *env);
/* Fills action, file, rest and slot.argument. may_follow: arguments may come after the options. */
void load_options(struct load *l, const struct conf_input *in, bool may_follow);
/* Stores what load_options() found. */
void load_arguments(struct load *l);

void print_help(const struct conf_program *program, const struct load *l, FILE *out);
void print_values(const struct load *l, FILE *out);

/* The Redis user that a program logs in as. */
#define SETTINGS_REDIS_LOGIN(st, user_)                                               \
	SETTING_TEXT_AS(st, redis.user, "redis_user", .def = user_, .max = 255,       \
		.help = "Its ACL user in Redis, where the setting redis names none"), \
		SETTING_TEXT_AS(st, redis.password, "redis_password", .max = 512,     \
			.flags = SETTING_SECRET,                                      \
			.help = "The password of that user; empty: none is said"),    \
		SETTING_PATH_AS(st, redis.password_file, "redis_password_file",       \
			.help = "File with that password in its first line")

/* usual: what its example has. */
#define SETTING_METRICS_LISTEN(st, usual)                                                     \
	SETTING_TEXT(st, metrics_listen, .check = listen_address_is_valid,                    \
		.must_be = "an address:port or unix:/path",                                   \
		.help = "Where monitors get /metrics, /health/live, /health/ready and /up, "  \
			"such as " usual "; who reaches another address than a loopback one " \
			"reads them, so let that be a private network's")

bool conninfo_is_valid(struct str s);
bool listen_address_is_valid(struct str s);
bool header_name_is_valid(struct str s);
bool mail_address_is_valid(struct str s);
bool listed_expression_is_valid(struct str s);
bool listed_origin_is_valid(struct str s);
bool listed_place_is_valid(struct str s);
bool public_url_is_valid(struct str s);
/* Of a server of others: paths are put behind it. */
bool base_url_is_valid(struct str s);
#define BASE_URL \
	"https://host or http://host, with or without a port and a path, and no / at its end"
#define URL_MAX 512
/* With or without a path and a query, and words in braces. */
bool url_with_gaps_is_valid(struct str s);
/* Letters and digits. */
bool word_is_valid(struct str s);
#define WORD "letters and digits"
/* What stands in a URI as it is. */
bool turn_host_is_valid(struct str s);
/* Of the zones that this machine knows, if it knows any. */
bool time_zone_is_valid(struct str s);
bool rpc_url_is_valid(struct str s);
bool redis_address_is_valid(struct str s);
bool regex_is_valid(struct str s);
bool password_list_is_valid(struct str s);
bool relay_id_is_valid(struct str s);

#endif
