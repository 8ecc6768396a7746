/* Our programs: do they run, answer, and have room; is there one of each? */
#define _GNU_SOURCE
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "door.h"
#include "doctor_priv.h"
#include "outgoing/json_rpc.h"
#include "redis/channel.h"

#define RELAYS_MAX  64
#define RELAY       "dialtone_relay_"
#define ID_CHARS    2
#define FRESH_MS    20000 /* relays say every 5 s that they are alive */
#define NAME_MAX_   256
#define SPARE_FILES 64
#define UNITS       "/etc/systemd/system"
#define RPC_WAIT_MS 3000

/* ---- systemd ---- */

static bool is_enabled(struct doctor *d, const char *unit)
{
	static const char *const folders[] = { "dialtone.target.wants", "multi-user.target.wants",
		"sockets.target.wants", NULL };

	for (const char *const *f = folders; *f; f++)
		if (access(arena_printf(d->arena, UNITS "/%s/%s", *f, unit), F_OK) == 0)
			return true;
	return false;
}

static struct doctor_finding look_services(struct doctor *d)
{
	static const char *const units[] = { "dialtone-api", "dialtone-jobs", NULL };

	if (d->instance)
		return not_looked_at(d, "packaging/instance runs the programs, not systemd");
	if (access("/run/systemd/system", F_OK))
		return not_looked_at(d, "this machine does not run systemd");
	for (const char *const *u = units; *u; u++)
		if (!is_enabled(d, arena_printf(d->arena, "%s.service", *u)) &&
			!is_enabled(d, arena_printf(d->arena, "%s.socket", *u)))
			return found_doubtful(d, arena_printf(d->arena, "systemctl enable %s", *u),
				"%s is not enabled: it will not be there after a restart of the "
				"machine",
				*u);
	return found_well(d, "they start with the machine");
}

/* ---- the API ---- */

static const char *api_address(struct doctor *d)
{
	const struct nginx_upstream *u =
		d->nginx_why ? NULL : nginx_upstream_find(&d->nginx, "dialtone_api");

	return u && u->place_count ? u->places[0] : d->setup->api->listen;
}

/* A worker, or what would replace it; NULL: none is. */
static const struct process *stopped_api(struct doctor *d)
{
	for (const struct process *p = d->processes.items; p < d->processes.items + d->processes.n;
		p++)
		if (strcmp(p->program, "dialtone-api") == 0 && process_is_stopped(p->pid))
			return p;
	return NULL;
}

static struct doctor_finding found_answering(struct doctor *d, const char *address)
{
	const struct process *stopped = stopped_api(d);

	if (!stopped)
		return found_well(d, "it answers at %s", address);
	return found_doubtful(d, arena_printf(d->arena, "kill -CONT %d", stopped->pid),
		"it answers at %s, and its process %d is stopped (SIGSTOP, a debugger): requests "
		"that it had are answered 503",
		address, stopped->pid);
}

static struct doctor_finding look_api(struct doctor *d)
{
	const char *address = api_address(d), *why;

	person_become(&d->service);
	why = door_api_answers(address, DOCTOR_WAIT_MS);
	person_return();
	if (!why)
		return found_answering(d, address);
	if (is_stranger(d) && strcmp(why, "Permission denied") == 0)
		return not_looked_at(d, "%s is not for us to open", address);
	/* Its workers wait for the lock: a restart of them ends nothing. */
	if (strcmp(why, "no answer in time") == 0 && d->is_locked)
		return not_looked_at(d, "it waits for PostgreSQL: postgres_locks comes first");
	return found_wrong(d,
		process_find(&d->processes, "dialtone-api") ? mend_restart(d, "api")
							    : mend_start(d, "api"),
		"%s: %s", address, why);
}

/* ---- relays ---- */

struct relay {
	const char *id;
	const char *address; /* NULL: not known */
};

struct relays {
	struct relay items[RELAYS_MAX];
	size_t n;
};

static void relay_add(struct relays *all, const char *id, const char *address)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->items[i].id, id) == 0)
			return;
	if (all->n < RELAYS_MAX)
		all->items[all->n++] = (struct relay){ id, address };
}

/* What no relay can be called is in no command that is told to root. */
static const char *relay_id(const struct doctor *d, const struct process *p)
{
	const char *id = process_option(p, "id");
	bool is_one = id && strlen(id) == ID_CHARS;

	for (size_t i = 0; is_one && i < ID_CHARS; i++)
		is_one = isalnum((unsigned char)id[i]) || id[i] == '-' || id[i] == '_';
	return is_one ? id : d->setup->relay->id;
}

/* Those nginx knows; without its configuration those that run here. */
static void relays_known(struct doctor *d, struct relays *ret)
{
	for (size_t i = 0; i < d->nginx.upstream_count; i++) {
		const struct nginx_upstream *u = &d->nginx.upstreams[i];

		if (strncmp(u->name, RELAY, strlen(RELAY)) == 0 &&
			strlen(u->name) == strlen(RELAY) + ID_CHARS && u->place_count)
			relay_add(ret, u->name + strlen(RELAY), u->places[0]);
	}
	for (size_t i = 0; d->nginx_why && i < d->processes.n; i++) {
		const struct process *p = &d->processes.items[i];

		if (strcmp(p->program, "dialtone-relay") == 0)
			relay_add(ret, relay_id(d, p), process_option(p, "listen"));
	}
}

static const char *mend_relay(struct doctor *d, const char *id)
{
	return mend_start(d, arena_printf(d->arena, "relay-%s", id));
}

/* Which of them have said lately that they are alive. False: Redis does not tell. */
static bool beats_read(struct doctor *d, struct redis_reply *ret)
{
	struct buf key;
	char since[24];
	enum err e = ERR_UNAVAILABLE;

	snprintf(since, sizeof(since), "%" PRId64, clock_wall_us() / 1000 - FRESH_MS);
	buf_init(&key, NAME_MAX_);
	channel_relays(&key, d->setup->common->redis_prefix);
	if (d->redis_answers)
		e = redis_call(d->redis,
			REDIS_COMMAND(
				STR("ZRANGEBYSCORE"), buf_str(&key), str_from(since), STR("+inf")),
			d->arena, ret);
	buf_finish(&key);
	return e == ERR_OK && ret->type == REDIS_LIST;
}

static bool beats(const struct redis_reply *alive, const char *id)
{
	for (size_t i = 0; i < alive->count; i++)
		if (str_is(alive->items[i].text, id))
			return true;
	return false;
}

static struct doctor_finding look_relays(struct doctor *d)
{
	struct relays known = { .n = 0 };
	struct redis_reply alive;
	bool told = beats_read(d, &alive);

	relays_known(d, &known);
	if (!known.n)
		return found_wrong(d, mend_relay(d, "aa"), "there is no relay");
	for (size_t i = 0; i < known.n; i++) {
		const struct relay *r = &known.items[i];
		const char *why = NULL;

		person_become(&d->service);
		if (r->address)
			why = door_opens(r->address, DOCTOR_WAIT_MS);
		person_return();
		if (why && is_stranger(d) && strcmp(why, "Permission denied") == 0)
			return not_looked_at(d, "%s is not for us to open", r->address);
		if (why)
			return found_wrong(d, mend_relay(d, r->id), "relay %s at %s: %s", r->id,
				r->address, why);
		if (told && !beats(&alive, r->id))
			return found_wrong(d,
				mend_restart(d, arena_printf(d->arena, "relay-%s", r->id)),
				"relay %s has not told Redis for %d s that it is alive", r->id,
				FRESH_MS / 1000);
	}
	return found_well(d, "%zu relays answer", known.n);
}

/* How many listen to the channel of a relay; -1: Redis does not tell. */
static int64_t listeners_of(struct doctor *d, const char *id)
{
	struct redis_reply reply;
	struct buf name;
	enum err e;

	buf_init(&name, NAME_MAX_);
	channel_relay(&name, d->setup->common->redis_prefix, str_from(id));
	e = redis_call(d->redis, REDIS_COMMAND(STR("PUBSUB"), STR("NUMSUB"), buf_str(&name)),
		d->arena, &reply);
	buf_finish(&name);
	return e == ERR_OK && reply.count == 2 ? reply.items[1].number : -1;
}

/* The one here that nginx does not know; NULL: it is on another machine. */
static const struct process *double_of(struct doctor *d, const struct relay *r)
{
	const struct process *last = NULL;
	size_t n = 0;

	for (size_t i = 0; i < d->processes.n; i++) {
		const struct process *p = &d->processes.items[i];
		const char *at = process_option(p, "listen");

		if (strcmp(p->program, "dialtone-relay") != 0 || strcmp(relay_id(d, p), r->id) != 0)
			continue;
		n++;
		if (!r->address || !at || strcmp(at, r->address) != 0)
			last = p;
	}
	return n > 1 ? last : NULL;
}

static struct doctor_finding found_double(struct doctor *d, const struct relay *r, int64_t n)
{
	const struct process *other = double_of(d, r);

	return found_wrong(d,
		other ? arena_printf(d->arena, "kill %d", other->pid)
		      : arena_printf(d->arena,
				"systemctl disable --now dialtone-relay@%s && systemctl enable "
				"--now "
				"dialtone-relay@ac",
				r->id),
		"%lld relays have the id %s: clients are led to the wrong one%s", (long long)n,
		r->id, other ? "" : "; the other one is on another machine");
}

static struct doctor_finding look_ids(struct doctor *d)
{
	struct relays known = { .n = 0 };

	if (!d->redis_answers)
		return not_looked_at(d, "Redis does not tell");
	relays_known(d, &known);
	for (size_t i = 0; i < known.n; i++) {
		int64_t n = listeners_of(d, known.items[i].id);

		if (n < 0)
			return not_looked_at(d, "the user of dialtonectl may not say PUBSUB NUMSUB "
						"(packaging/redis-users gives it)");
		if (n > 1)
			return found_double(d, &known.items[i], n);
	}
	return found_well(d, "each relay has an id of its own");
}

static const char *service_of(struct doctor *d, const struct process *p)
{
	if (strcmp(p->program, "dialtone-relay") == 0)
		return arena_printf(d->arena, "relay-%s", relay_id(d, p));
	return strncmp(p->program, "dialtone-", 9) == 0 ? p->program + 9 : p->program;
}

static const char *mend_limit(struct doctor *d, const char *service, int64_t files)
{
	if (d->instance)
		return arena_printf(d->arena, "ulimit -n %lld && %s", (long long)files,
			mend_restart(d, service));
	return arena_printf(d->arena,
		"mkdir -p " UNITS "/dialtone-relay@.service.d && printf "
		"'[Service]\\nLimitNOFILE=%lld\\n' >" UNITS
		"/dialtone-relay@.service.d/files.conf && systemctl daemon-reload && systemctl "
		"restart 'dialtone-relay@*'",
		(long long)files);
}

static struct doctor_finding look_descriptors(struct doctor *d)
{
	int64_t needed = d->setup->relay->max_connections + SPARE_FILES, limit;
	size_t n = 0;

	for (size_t i = 0; i < d->processes.n; i++) {
		const struct process *p = &d->processes.items[i];

		if (strcmp(p->program, "dialtone-relay") != 0 ||
			!process_file_limit(p->pid, &limit))
			continue;
		n++;
		if (limit < needed)
			return found_wrong(d, mend_limit(d, service_of(d, p), needed),
				"relay %s may open %lld descriptors, and max_connections is %lld",
				relay_id(d, p), (long long)limit,
				(long long)d->setup->relay->max_connections);
	}
	return n ? found_well(d, "enough for max_connections")
		 : not_looked_at(d, "no relay runs here");
}

/* ---- calls ---- */

static struct doctor_finding look_pbx(struct doctor *d)
{
	if (d->setup->api->rules.call_backend == 0)
		return found_well(d, "call_backend is none: it is not needed");
	if (d->facts.pbx == 0)
		return found_wrong(d, mend_start(d, "pbx"),
			"no dialtone-pbx is connected: phones are shown as they were");
	return found_well(d, "%lld dialtone-pbx %s connected", (long long)d->facts.pbx,
		d->facts.pbx == 1 ? "is" : "are");
}

static bool uses_kamailio(const struct doctor *d)
{
	const struct rule_settings *r = &d->setup->api->rules;

	return *d->setup->api->kamailio_rpc &&
	       (r->call_backend != 0 || r->registrar == REGISTRAR_KAMAILIO);
}

static struct doctor_finding look_kamailio(struct doctor *d)
{
	const char *url = d->setup->api->kamailio_rpc;
	struct json_rpc_client *client;
	enum err e;

	if (!uses_kamailio(d))
		return found_well(d, "no setting wants it");
	if (d->pg && d->setup->api->rules.registrar == REGISTRAR_KAMAILIO &&
		!d->facts.may_read_kamailio)
		return found_wrong(d,
			"packaging/sip-role --tables kamailio kamailio | runuser -u postgres -- "
			"psql "
			"-q -d dialtone",
			"the table kamailio.location %s",
			d->facts.has_kamailio ? "is not for us to read" : "is missing");
	client = json_rpc_new(url);
	e = json_rpc_call(
		client, "core.version", STR("[]"), clock_ms() + RPC_WAIT_MS, d->arena, NULL);
	json_rpc_free(&client);
	if (e == ERR_OK)
		return found_well(d, "it answers at %s", url);
	return found_wrong(d, d->instance ? mend_start(d, "kamailio") : "systemctl start kamailio",
		"it does not answer at %s", url);
}

/* ---- what they run ---- */

static struct doctor_finding look_libraries(struct doctor *d)
{
	size_t seen = 0;

	for (size_t i = 0; i < d->processes.n; i++) {
		const struct process *p = &d->processes.items[i];
		const char *first = NULL;
		size_t stale = 0;

		if (strcmp(p->program, "nginx") == 0)
			continue;
		seen += process_stale_files(p->pid, d->arena, &first, &stale);
		if (stale)
			return found_doubtful(d, mend_restart(d, service_of(d, p)),
				"%s (process %d) runs %zu files that have been replaced, such as "
				"%s",
				p->program, p->pid, stale, first);
	}
	if (!seen)
		return not_looked_at(
			d, "no program runs here, or what they run is for root to see");
	return found_well(d, "the programs run what is installed");
}

const struct doctor_check program_checks[] = {
	{ "services", "that the programs start with the machine", look_services, NULL },
	{ "api", "the API answers", look_api, NULL },
	{ "relays", "relays answer and are alive", look_relays, NULL },
	{ "relay_ids", "that no two relays have one id", look_ids, "redis" },
	{ "relay_descriptors", "descriptors for the clients of a relay", look_descriptors, NULL },
	{ "pbx", "a dialtone-pbx, where calls are told", look_pbx, "postgres" },
	{ "kamailio", "the SIP proxy, where a setting wants it", look_kamailio, NULL },
	{ "libraries", "programs and libraries that were replaced since", look_libraries, NULL },
	{ 0 },
};
