#define _GNU_SOURCE
#include "nginx_file.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "regular_file.h"

#define FILE_BYTES_MAX  ((size_t)1 << 20)
#define ALL_BYTES_MAX   ((size_t)16 << 20)
#define FILES_MAX       512
#define DEPTH_MAX       32
#define WORDS_MAX       128
#define CONNECTIONS_DEF 512
#define BLANKS          " \t\r\n"
#define MARKS           ";{}"

enum block {
	BLOCK_MAIN,
	BLOCK_EVENTS,
	BLOCK_HTTP,
	BLOCK_SERVER,
	BLOCK_IN_SERVER,
	BLOCK_UPSTREAM,
	BLOCK_REFERENCE, /* the map of $dialtone_reference */
	BLOCK_OTHER
};

struct reading {
	struct arena *arena;
	struct nginx_file *n;
	const char *folder; /* of the first file: the others are named from there */
	const char *file;   /* the one at hand */
	size_t files, bytes;
	struct nginx_server *server;
	struct nginx_upstream *upstream;
	const char *words[WORDS_MAX]; /* of the directive at hand */
	size_t count;
};

static void skip(struct str *rest, size_t n)
{
	rest->p += n;
	rest->n -= n;
}

/* Whether anything but blanks and comments is left. */
static bool is_more(struct str *rest)
{
	while (rest->n) {
		if (*rest->p == '#')
			while (rest->n && *rest->p != '\n')
				skip(rest, 1);
		else if (strchr(BLANKS, *rest->p))
			skip(rest, 1);
		else
			return true;
	}
	return false;
}

static size_t word_length(struct str s, char quote)
{
	size_t n = 0;

	while (n < s.n && (quote ? s.p[n] != quote : !strchr(BLANKS MARKS, s.p[n])))
		n += s.p[n] == '\\' && n + 1 < s.n ? 2 : 1;
	return n;
}

static const char *unescaped(struct arena *arena, struct str word)
{
	char *out = arena_alloc(arena, word.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '\\' && i + 1 < word.n)
			i++;
		out[n++] = word.p[i];
	}
	return out;
}

/* Takes a word off, out of its quotes. */
static const char *word_cut(struct reading *r, struct str *rest)
{
	char quote = *rest->p == '"' || *rest->p == '\'' ? *rest->p : '\0';
	struct str word;

	skip(rest, quote ? 1 : 0);
	word = (struct str){ rest->p, word_length(*rest, quote) };
	skip(rest, word.n);
	skip(rest, quote && rest->n ? 1 : 0);
	return unescaped(r->arena, word);
}

/* Reads words up to a mark, which is told: one of ; { }, or NUL at the end of the text. */
static char directive_read(struct reading *r, struct str *rest)
{
	r->count = 0;
	while (is_more(rest)) {
		char mark = *rest->p;

		if (mark == '\0')
			return '\0';
		if (strchr(MARKS, mark)) {
			skip(rest, 1);
			return mark;
		}
		const char *word = word_cut(r, rest);

		if (r->count < WORDS_MAX)
			r->words[r->count++] = word;
	}
	return '\0';
}

static bool is(const struct reading *r, const char *name)
{
	return r->count > 1 && strcmp(r->words[0], name) == 0;
}

static int64_t number(const char *text, int64_t otherwise)
{
	uint64_t v;

	return str_to_uint(str_from(text), INT32_MAX, &v) ? (int64_t)v : otherwise;
}

static void main_directive(struct reading *r)
{
	struct nginx_file *n = r->n;

	if (is(r, "user"))
		n->user = r->words[1];
	else if (is(r, "pid"))
		n->pid = r->words[1];
	else if (is(r, "worker_processes"))
		n->workers = number(r->words[1], n->workers);
	else if (is(r, "worker_rlimit_nofile"))
		n->files = number(r->words[1], 0);
}

static void events_directive(struct reading *r)
{
	if (!is(r, "worker_connections"))
		return;
	r->n->connections = number(r->words[1], CONNECTIONS_DEF);
	r->n->says_connections = true;
}

static void listen_add(struct reading *r)
{
	struct nginx_server *s = r->server;
	struct nginx_listen *l;

	if (s->listen_count == NGINX_LISTENS_MAX)
		return;
	l = &s->listens[s->listen_count++];
	*l = (struct nginx_listen){ .address = r->words[1] };
	for (size_t i = 2; i < r->count; i++) {
		l->default_server = l->default_server || strcmp(r->words[i], "default_server") == 0;
		l->tls = l->tls || strcmp(r->words[i], "ssl") == 0;
	}
}

static void server_directive(struct reading *r)
{
	struct nginx_server *s = r->server;

	if (is(r, "listen"))
		listen_add(r);
	else if (is(r, "ssl_certificate"))
		s->certificate = r->words[1];
	else if (is(r, "ssl_certificate_key"))
		s->key = r->words[1];
	for (size_t i = 1; is(r, "server_name") && i < r->count; i++)
		if (s->name_count < NGINX_NAMES_MAX)
			s->names[s->name_count++] = r->words[i];
}

static void upstream_directive(struct reading *r)
{
	struct nginx_upstream *u = r->upstream;

	if (is(r, "server") && u->place_count < NGINX_PLACES_MAX)
		u->places[u->place_count++] = r->words[1];
}

static void include(struct reading *r, enum block in, int depth);

static void directive(struct reading *r, enum block in, int depth)
{
	if (is(r, "include"))
		include(r, in, depth);
	else if (in == BLOCK_MAIN)
		main_directive(r);
	else if (in == BLOCK_EVENTS)
		events_directive(r);
	else if (in == BLOCK_SERVER)
		server_directive(r);
	else if (in == BLOCK_UPSTREAM)
		upstream_directive(r);
	else if (in == BLOCK_REFERENCE && is(r, "default"))
		r->n->reference = r->words[1];
	if ((in == BLOCK_SERVER || in == BLOCK_IN_SERVER) && is(r, "fastcgi_pass"))
		r->server->is_ours =
			r->server->is_ours || strncmp(r->words[1], "dialtone_api", 12) == 0;
}

static enum block server_begin(struct reading *r)
{
	if (r->n->server_count == NGINX_SERVERS_MAX)
		return BLOCK_OTHER;
	r->server = &r->n->servers[r->n->server_count++];
	r->server->file = r->file;
	return BLOCK_SERVER;
}

static enum block upstream_begin(struct reading *r)
{
	if (r->n->upstream_count == NGINX_UPSTREAMS_MAX)
		return BLOCK_OTHER;
	r->upstream = &r->n->upstreams[r->n->upstream_count++];
	r->upstream->name = r->words[1];
	return BLOCK_UPSTREAM;
}

static enum block main_block(struct reading *r, const char *name)
{
	if (strcmp(name, "events") == 0) {
		r->n->main_file = r->file;
		return BLOCK_EVENTS;
	}
	if (strcmp(name, "http") == 0) {
		r->n->http_file = r->file;
		return BLOCK_HTTP;
	}
	return BLOCK_OTHER;
}

/* What begins with the directive at hand. */
static enum block block_of(struct reading *r, enum block in)
{
	const char *name = r->count ? r->words[0] : "";

	if (in == BLOCK_MAIN)
		return main_block(r, name);
	if (in == BLOCK_HTTP && strcmp(name, "server") == 0)
		return server_begin(r);
	if (in == BLOCK_HTTP && strcmp(name, "upstream") == 0 && r->count > 1)
		return upstream_begin(r);
	if (in == BLOCK_HTTP && strcmp(name, "map") == 0 && r->count > 2 &&
		strcmp(r->words[2], "$dialtone_reference") == 0)
		return BLOCK_REFERENCE;
	return in == BLOCK_SERVER || in == BLOCK_IN_SERVER ? BLOCK_IN_SERVER : BLOCK_OTHER;
}

/* Up to the end of the block, or of the text. */
static void text_read(struct reading *r, struct str *rest, enum block in, int depth)
{
	char mark;

	while (depth < DEPTH_MAX && (mark = directive_read(r, rest))) {
		if (mark == '}')
			return;
		if (mark == ';')
			directive(r, in, depth);
		else
			text_read(r, rest, block_of(r, in), depth + 1);
	}
	if (depth >= DEPTH_MAX)
		skip(rest, rest->n);
}

static const char *file_read(struct reading *r, const char *path, enum block in, int depth)
{
	const char *before = r->file, *why;
	struct buf text;
	struct str rest;

	if (r->files++ >= FILES_MAX || r->bytes > ALL_BYTES_MAX)
		return "it is too large";
	buf_init(&text, FILE_BYTES_MAX);
	why = regular_file_read(path, &text);
	if (!why) {
		r->file = arena_strdup(r->arena, path);
		r->bytes += text.n;
		rest = buf_str(&text);
		text_read(r, &rest, in, depth);
		r->file = before;
	}
	buf_finish(&text);
	return why;
}

static void include(struct reading *r, enum block in, int depth)
{
	const char *name = r->words[1];
	const char *pattern =
		*name == '/' ? name : arena_printf(r->arena, "%s/%s", r->folder, name);
	glob_t found = { 0 };

	if (depth < DEPTH_MAX && glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			(void)file_read(r, found.gl_pathv[i], in, depth + 1);
	globfree(&found);
}

const char *nginx_file_read(const char *path, struct arena *arena, struct nginx_file *ret)
{
	const char *slash = strrchr(path, '/');
	struct reading r = { .arena = arena, .n = ret };

	r.folder = slash ? arena_strndup(arena, path, (size_t)(slash - path)) : ".";
	*ret = (struct nginx_file){ .path = path,
		.workers = sysconf(_SC_NPROCESSORS_ONLN),
		.connections = CONNECTIONS_DEF,
		.servers = arena_alloc(arena, NGINX_SERVERS_MAX * sizeof(*ret->servers)),
		.upstreams = arena_alloc(arena, NGINX_UPSTREAMS_MAX * sizeof(*ret->upstreams)) };

	return file_read(&r, path, BLOCK_MAIN, 0);
}

const struct nginx_upstream *nginx_upstream_find(const struct nginx_file *n, const char *name)
{
	for (size_t i = 0; i < n->upstream_count; i++)
		if (strcmp(n->upstreams[i].name, name) == 0)
			return &n->upstreams[i];
	return NULL;
}

static bool name_fits(const char *name, const char *host)
{
	const char *dot = strchr(host, '.');

	if (strncmp(name, "*.", 2) == 0)
		return dot && strcasecmp(name + 1, dot) == 0;
	if (*name == '.')
		return strcasecmp(name + 1, host) == 0 || (dot && strcasecmp(name, dot) == 0);
	return strcasecmp(name, host) == 0;
}

bool nginx_server_has_name(const struct nginx_server *s, const char *host)
{
	for (size_t i = 0; i < s->name_count; i++)
		if (name_fits(s->names[i], host))
			return true;
	return false;
}
