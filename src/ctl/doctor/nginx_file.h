/*
 * nginx's configuration, as far as it has to fit ours: read from its files, those that it includes too.
 *
 * nginx itself would tell it as well (-T), but makes folders and opens logs as it does so.  What is read here is
 * bounded in size, depth and number, whatever is in the files; what is not understood is passed over.
 */
#ifndef DIALTONE_CTL_DOCTOR_NGINX_FILE_H
#define DIALTONE_CTL_DOCTOR_NGINX_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

#define NGINX_SERVERS_MAX   256
#define NGINX_LISTENS_MAX   16
#define NGINX_NAMES_MAX     64
#define NGINX_UPSTREAMS_MAX 64
#define NGINX_PLACES_MAX    32

struct nginx_listen {
	const char *address; /* "443", "127.0.0.1:8443", "[::]:443", "unix:/path" */
	bool default_server, tls;
};

struct nginx_server {
	const char *file; /* where it stands */
	struct nginx_listen listens[NGINX_LISTENS_MAX];
	size_t listen_count;
	const char *names[NGINX_NAMES_MAX];
	size_t name_count;
	const char *certificate, *key; /* NULL: none of its own */
	bool is_ours;                  /* it passes requests to the API */
};

struct nginx_upstream {
	const char *name;
	const char *places[NGINX_PLACES_MAX]; /* "unix:/path" or "host:port" */
	size_t place_count;
};

struct nginx_file {
	const char *path;      /* where it begins */
	const char *user;      /* NULL: not said */
	const char *pid;       /* the same */
	int64_t workers;       /* "auto" is told as so many as there are processors */
	int64_t connections;   /* worker_connections; 512 where it is not said */
	int64_t files;         /* worker_rlimit_nofile; 0: not said */
	const char *main_file; /* where events {} is */
	const char *http_file; /* where http {} is */
	bool says_connections;
	const char *reference; /* the folder of the reference page; NULL: not said */
	struct nginx_server *servers;
	size_t server_count;
	struct nginx_upstream *upstreams;
	size_t upstream_count;
};

/* NULL, or why it cannot be read. */
const char *nginx_file_read(const char *path, struct arena *arena, struct nginx_file *ret);
/* NULL: there is none of that name. */
const struct nginx_upstream *nginx_upstream_find(const struct nginx_file *n, const char *name);
/* Whether the server has this name among its own, wildcards at the beginning included. */
bool nginx_server_has_name(const struct nginx_server *s, const char *host);

#endif
