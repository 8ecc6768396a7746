/* nginx: does it reach us, does it hold as many clients as the relays, and which names does it serve? */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "doctor_priv.h"

#define EACH_CLIENT 2 /* connections: one to the client, one to the relay */
#define SPARE_FILES 64
#define MEND_MAX    4096
#define FAR_BELOW   4 /* times fewer than the relays: sooner or later it is noticed */
#define RELAY       "dialtone_relay_"

static struct doctor_finding look_file(struct doctor *d)
{
	const struct nginx_server *ours = NULL;

	if (d->nginx_why)
		return not_looked_at(d, "%s: %s", d->nginx_path, d->nginx_why);
	for (size_t i = 0; i < d->nginx.server_count; i++)
		if (d->nginx.servers[i].is_ours)
			ours = &d->nginx.servers[i];
	if (ours)
		return found_well(d, "%s leads to the API", ours->file);
	return found_wrong(d, "nginx/render --help",
		"nothing in %s leads to the API: nginx/render prints what does", d->nginx_path);
}

static struct doctor_finding look_running(struct doctor *d)
{
	for (size_t i = 0; i < d->processes.n; i++) {
		const struct process *p = &d->processes.items[i];
		const char *line = p->argc ? p->argv[0] : "";

		if (strcmp(p->program, "nginx") == 0 && strstr(line, "master process") &&
			(!d->instance || strstr(line, d->instance))) {
			d->nginx_master = p->pid;
			return found_well(d, "it runs as process %d", p->pid);
		}
	}
	return found_wrong(d, mend_start(d, "nginx"), "it does not run");
}

/* ---- the way to our sockets ---- */

/* Those of processes with this parent see what it was given when it started. */
static bool worker_lacks_group(struct doctor *d, const char *path)
{
	struct stat st;

	for (size_t i = 0; i < d->processes.n && stat(path, &st) == 0; i++) {
		const struct process *p = &d->processes.items[i];
		bool seen = false;

		if (p->parent == d->nginx_master && d->nginx_master)
			return !process_is_in_group(p->pid, st.st_gid, &seen) && seen;
	}
	return false;
}

static const char *group_of(struct doctor *d, const char *path)
{
	struct stat st;

	return stat(path, &st) ? d->service.name : group_name(st.st_gid, d->arena);
}

static struct doctor_finding blocked(
	struct doctor *d, const struct person *user, const char *socket, const char *where)
{
	const char *group = group_of(d, where);

	return found_wrong(d,
		arena_printf(d->arena, "usermod -aG %s %s && %s", group, user->name,
			mend_restart(d, "nginx")),
		"nginx's user %s may not open %s: %s is in the way (group %s)", user->name, socket,
		where, group);
}

static struct doctor_finding look_places(struct doctor *d, const struct person *user)
{
	size_t n = 0;

	for (size_t i = 0; i < d->nginx.upstream_count; i++) {
		const struct nginx_upstream *u = &d->nginx.upstreams[i];
		const char *where = NULL, *path = u->place_count ? u->places[0] : "";
		enum person_reach reach;

		if (strncmp(u->name, "dialtone_", 9) != 0 || strncmp(path, "unix:", 5) != 0)
			continue;
		path += 5;
		reach = person_reaches(user, path, d->arena, &where);
		if (reach == REACH_UNKNOWN)
			return not_looked_at(d, "%s is not for us to look at", where);
		if (reach == REACH_NO)
			return blocked(d, user, path, where);
		if (user->uid && reach == REACH_YES && worker_lacks_group(d, path))
			return found_wrong(d, mend_restart(d, "nginx"),
				"nginx runs since before its user %s was in the group of %s",
				user->name, path);
		n += reach == REACH_YES;
	}
	return found_well(d, "nginx's user %s may open the %zu sockets there are", user->name, n);
}

static struct doctor_finding look_sockets(struct doctor *d)
{
	const char *name = d->nginx.user ? d->nginx.user : geteuid() ? "nobody" : "www-data";
	struct person user;

	if (!person_named(name, d->arena, &user))
		return found_wrong(d,
			mend_nginx(d, d->nginx.main_file,
				arena_printf(d->arena, "s/^user .*/user www-data;/"), "restart"),
			"there is no user %s, who nginx shall be", name);
	return look_places(d, &user);
}

/* ---- how many clients ---- */

static int64_t relays_of(const struct doctor *d)
{
	int64_t n = 0;

	for (size_t i = 0; i < d->nginx.upstream_count; i++)
		n += strncmp(d->nginx.upstreams[i].name, RELAY, strlen(RELAY)) == 0 &&
		     strcmp(d->nginx.upstreams[i].name, RELAY "any") != 0;
	return n;
}

static int64_t clients_of(const struct doctor *d)
{
	return relays_of(d) * d->setup->relay->max_connections;
}

static const char *events_edit(struct doctor *d, int64_t wanted)
{
	return d->nginx.says_connections
		       ? arena_printf(d->arena,
				 "s/worker_connections .*;/worker_connections %lld;/",
				 (long long)wanted)
		       : arena_printf(d->arena,
				 "s/^ *events *\\{/&\\n    worker_connections %lld;/",
				 (long long)wanted);
}

static const char *files_edit(struct doctor *d, int64_t wanted)
{
	return d->nginx.files
		       ? arena_printf(d->arena,
				 "s/^ *worker_rlimit_nofile .*;/worker_rlimit_nofile %lld;/",
				 (long long)wanted)
		       : arena_printf(d->arena, "1i worker_rlimit_nofile %lld;", (long long)wanted);
}

static struct doctor_finding look_connections(struct doctor *d)
{
	const struct nginx_file *n = &d->nginx;
	int64_t workers = n->workers > 0 ? n->workers : 1;
	int64_t holds = workers * n->connections / EACH_CLIENT, clients = clients_of(d);
	int64_t wanted = (clients * EACH_CLIENT + workers - 1) / workers + SPARE_FILES;

	if (holds >= clients)
		return found_well(d, "it holds %lld clients, the relays %lld", (long long)holds,
			(long long)clients);
	const char *mend = mend_nginx(d, n->main_file,
		arena_printf(d->arena, "%s; %s", events_edit(d, wanted),
			files_edit(d, wanted + SPARE_FILES)),
		"reload");

	if (holds >= clients / FAR_BELOW)
		return found_doubtful(d, mend, "it holds %lld clients, the relays %lld",
			(long long)holds, (long long)clients);
	return found_wrong(d, mend,
		"it holds %lld clients (worker_connections %lld, %lld processes), the relays %lld: "
		"it resets those above without a line",
		(long long)holds, (long long)n->connections, (long long)workers,
		(long long)clients);
}

/* What the configuration says, else what a running process has. */
static int64_t files_limit(struct doctor *d)
{
	int64_t limit = d->nginx.files;

	for (size_t i = 0; !limit && i < d->processes.n; i++)
		if (d->processes.items[i].parent == d->nginx_master && d->nginx_master)
			(void)process_file_limit(d->processes.items[i].pid, &limit);
	return limit;
}

static struct doctor_finding look_files(struct doctor *d)
{
	int64_t limit = files_limit(d), wanted = d->nginx.connections + SPARE_FILES;

	if (!limit)
		return not_looked_at(d, "worker_rlimit_nofile is not said and nginx does not run");
	if (limit >= d->nginx.connections)
		return found_well(d, "%lld descriptors for %lld connections", (long long)limit,
			(long long)d->nginx.connections);
	return found_wrong(d, mend_nginx(d, d->nginx.main_file, files_edit(d, wanted), "reload"),
		"a process of nginx may open %lld descriptors and shall have %lld connections",
		(long long)limit, (long long)d->nginx.connections);
}

/* ---- names ---- */

static bool is_catch_all(const struct nginx_server *s)
{
	return s->name_count == 0 || strcmp(s->names[0], "_") == 0;
}

static bool refuses_strangers(const struct doctor *d, const char *address)
{
	for (size_t i = 0; i < d->nginx.server_count; i++) {
		const struct nginx_server *s = &d->nginx.servers[i];

		for (size_t j = 0; j < s->listen_count; j++)
			if (!s->is_ours && s->listens[j].default_server &&
				strcmp(s->listens[j].address, address) == 0)
				return true;
	}
	return false;
}

/* The addresses of ours where nothing refuses, each once: as lines that listen there. */
struct unguarded {
	struct buf listens;
	const char *first; /* NULL: there are none */
	bool tls;
};

static void unguarded_add(struct unguarded *u, const struct nginx_listen *l)
{
	struct buf line;

	buf_init(&line, MEND_MAX);
	buf_printf(&line, "listen %s%s default_server; ", l->address, l->tls ? " ssl" : "");
	if (!u->first)
		u->first = l->address;
	u->tls = u->tls || l->tls;
	if (!u->listens.n || !memmem(u->listens.p, u->listens.n, line.p, line.n))
		buf_add(&u->listens, line.p, line.n);
	buf_finish(&line);
}

static const char *mend_strangers(struct doctor *d, const struct unguarded *u)
{
	return mend_nginx(d, d->nginx.http_file,
		arena_printf(d->arena,
			"s/^ *http *\\{/&\\nserver { %.*sserver_name _; %sreturn 444; }/",
			(int)u->listens.n, u->listens.p, u->tls ? "ssl_reject_handshake on; " : ""),
		"restart");
}

static bool guards_read(struct doctor *d, struct unguarded *u)
{
	bool named = false;

	for (size_t i = 0; i < d->nginx.server_count; i++) {
		const struct nginx_server *s = &d->nginx.servers[i];

		for (size_t j = 0; s->is_ours && !is_catch_all(s) && j < s->listen_count; j++) {
			named = true;
			if (!refuses_strangers(d, s->listens[j].address))
				unguarded_add(u, &s->listens[j]);
		}
	}
	return named;
}

/* Where names are given, what asks for another one has to get nothing. */
static struct doctor_finding look_default_server(struct doctor *d)
{
	struct unguarded u = { .first = NULL };
	const char *mend = NULL;
	bool named;

	buf_init(&u.listens, MEND_MAX);
	named = guards_read(d, &u);
	if (u.first)
		mend = mend_strangers(d, &u);
	buf_finish(&u.listens);
	if (mend)
		return found_wrong(d, mend,
			"on %s what asks for another name is served, too: no default server "
			"refuses it",
			u.first);
	return named ? found_well(d, "other names are refused")
		     : found_well(d, "every name is served, as no --server-name was given");
}

/* NULL: there is none. */
static const char *unserved_host(struct doctor *d)
{
	struct str rest = str_from(d->content.hosts);

	while (rest.n) {
		struct str word = str_split(&rest, ' ');
		const char *host = arena_strndup(d->arena, word.p, word.n);
		bool served = false;

		for (size_t i = 0; i < d->nginx.server_count && !served; i++)
			served = d->nginx.servers[i].is_ours &&
				 (is_catch_all(&d->nginx.servers[i]) ||
					 nginx_server_has_name(&d->nginx.servers[i], host));
		if (!served)
			return host;
	}
	return NULL;
}

static const char *first_name(const struct doctor *d)
{
	for (size_t i = 0; i < d->nginx.server_count; i++)
		if (d->nginx.servers[i].is_ours && d->nginx.servers[i].name_count)
			return d->nginx.servers[i].names[0];
	return "_";
}

static struct doctor_finding look_hosts(struct doctor *d)
{
	const char *host = d->has_content ? unserved_host(d) : NULL, *file = d->nginx_path;

	if (!d->has_content)
		return not_looked_at(d, "the hosts of the spaces are not known");
	if (!host)
		return found_well(d, "the host of each space is served");
	for (size_t i = 0; i < d->nginx.server_count; i++)
		if (d->nginx.servers[i].is_ours)
			file = d->nginx.servers[i].file;
	return found_wrong(d,
		mend_nginx(d, file,
			arena_printf(d->arena, "s/^( *server_name) %s/\\1 %s %s/", first_name(d),
				host, first_name(d)),
			"reload"),
		"the host %s of a space is served by no server_name", host);
}

/* ---- the reference page ---- */

static struct doctor_finding look_reference(struct doctor *d)
{
	const char *folder = d->nginx.reference;
	const char *viewer =
		folder ? arena_printf(d->arena,
				 "%s/node_modules/swagger-ui-dist/swagger-ui-bundle.js", folder)
		       : NULL;

	if (!folder)
		return not_looked_at(d, "nginx does not say where it is");
	if (access(viewer, R_OK) == 0)
		return found_well(d, "%s has its viewer", folder);
	return found_doubtful(d, arena_printf(d->arena, "npm ci --prefix %s", folder),
		"/api has no viewer: %s is missing", viewer);
}

const struct doctor_check nginx_checks[] = {
	{ "nginx_file", "that nginx's configuration leads to the API", look_file, NULL },
	{ "nginx", "that nginx runs", look_running, "nginx_file" },
	{ "nginx_sockets", "that nginx's user may open the sockets of the programs", look_sockets,
		"nginx_file" },
	{ "nginx_connections", "that nginx holds as many clients as the relays", look_connections,
		"nginx_file" },
	{ "nginx_descriptors", "descriptors for its connections", look_files, "nginx_file" },
	{ "nginx_default_server", "that other names are refused", look_default_server,
		"nginx_file" },
	{ "nginx_hosts", "that the host of each space is served", look_hosts, "nginx_file" },
	{ "reference", "the viewer of the reference page at /api", look_reference, "nginx_file" },
	{ 0 },
};
