/*
 * dialtone-api: reads the settings, builds the parts, connects them, runs.
 *
 * The supervisor binds the socket and keeps the workers; each worker has its own connections to
 * PostgreSQL and Redis.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/api.h"
#include "api/figures.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/redis_address.h"
#include "conf/conf.h"
#include "conf/settings.h"
#include "crypto/keyring.h"
#include "crypto/token_cache.h"
#include "events/asyncapi.h"
#include "identity/rate.h"
#include "resources/spaces/space.h"
#include "resources/accounts/common_passwords.h"
#include "resources/accounts/username_policy.h"
#include "http/fcgi_server.h"
#include "http/openapi.h"
#include "pg/pg.h"
#include "phone/phone.h"
#include "resources/statements.h"
#include "daemon/figures_sockets.h"
#include "daemon/listener.h"
#include "daemon/supervisor.h"
#include "base/tally.h"
#include "resources/api_keys/api_key.h"
#include "resources/hmac_login/hmac_login.h"
#include "resources/hmac_login/hmac_tokens.h"
#include "resources/sessions/copies.h"
#include "resources/sessions/session.h"
#include "redis/outbox_signal.h"
#include "gateways/push.h"
#include "identity/redis.h"
#include "resources/cti_users/me_copies.h"
#include "outgoing/json_rpc.h"
#include "resources/devices/registry.h"
#include "resources/live_states/in_redis.h"
#include "service/waiting.h"
#include "version.h"

#define RESPONSE_MAX        (16u << 20) /* an account has 20,000 contacts at most */
#define OPENAPI_MAX         (2u << 20)
#define HOUSEKEEPING_MS     1000
#define PATIENCE_MS         5 /* longer than nearly all GET requests take */
#define LOOK_MS             10
#define KEPT_MORE           2 /* than another that is idle: one more request may come in together */
#define USES_MAX            4096 /* API keys, and sessions, between two writes */
#define DEPRECATED_USES_MAX 256
#define SHARE               8  /* of a bucket, taken in advance */
#define STRANGERS_SHARE     64 /* the same: what they leave unused is lost to their whole office */
#define ONE_BY_ONE          (1 << 20) /* none in advance: a small bucket is counted exactly */
#define GRACE_MS            20000
/* Besides a statement: twice what nginx waits, so that all who asked have heard 503. */
#define ONE_STEP_MS 30000

/* What the supervisor hands to each worker. */
struct program {
	struct conf *conf;
	struct router *router;
	struct listener listener;
	struct figures_sockets figures;
	struct board *board;
	int waiting_room;
};

/* What a worker has of the SIP server; NULL where there is none. */
struct sip_side {
	struct redis *redis;
	struct json_rpc_client *rpc;
};

extern char **environ;

static struct pg *new_pg(const struct conf *conf, const char *name, struct pg_counters *counters)
{
	const struct api_settings *s = conf_own(conf);
	struct pg *pg = pg_new(&(struct pg_settings){ .conninfo = conf_common(conf)->postgres,
		.app_name = name,
		.connect_timeout_ms = (int)s->pg_connect_timeout_ms,
		.query_timeout_ms = (int)s->pg_query_timeout_ms,
		.counters = counters });

	statements_register(pg);
	return pg;
}

static void write_uses(struct service *s)
{
	api_key_uses_flush(s);
	hmac_login_uses_flush(s);
	session_uses_flush(s);
}

/* That this process may run on. */
static size_t cores(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? (size_t)CPU_COUNT(&set) : SIZE_MAX;
}

/* Connections are kept by no more workers than there are cores: what comes in together costs less (http/dispatch.h), and
 * spread over more of them less comes together.  The others are there for everything else. */
static void choose_keepers(struct api *a)
{
	counter_set(&a->figures->keeps, board_alive_before(a->board, a->place) < cores());
}

/* A worker that keeps more than another while that one has nothing to do, as it may have just started, gives back what is
 * above: nginx then opens a connection that the other may take. */
static size_t keeps_most(const struct api *a)
{
	size_t fewest;

	if (!counter_read(&a->figures->keeps))
		return 0;
	fewest = board_fewest_connections(a->board, a->place);
	return fewest == SIZE_MAX ? SIZE_MAX : fewest + KEPT_MORE;
}

/* What the others have is not looked at with each answer: there may be hundreds of them. */
static size_t keeps(void *app)
{
	const struct dispatch *d = app;
	struct api *a = d->app;
	int64_t now_ms = clock_ms();

	if (now_ms - a->looked_ms >= LOOK_MS) {
		a->looked_ms = now_ms;
		a->keeps_most = keeps_most(a);
	}
	return a->keeps_most;
}

static void housekeeping(void *app)
{
	const struct dispatch *d = app;
	struct api *a = d->app;

	board_note_turn(a->board, a->place);
	choose_keepers(a);
	write_uses(&a->service);
	limits_report(a->service.limits);
}

static enum err serve(const struct program *p, struct api *a, int ready_fd)
{
	struct dispatch d = api_dispatch(a, p->router);
	const struct fcgi_server server = { .listener = p->listener.at.fd,
		.others = p->listener.others,
		.other_count = p->listener.other_count,
		.response_max = RESPONSE_MAX,
		.idle_ms = HOUSEKEEPING_MS,
		.patience_ms = PATIENCE_MS,
		.does = { .begin = dispatch_begin,
			.ask = dispatch_ask,
			.forget = dispatch_forget,
			.finish = dispatch_finish,
			.keeps = keeps,
			.idle = housekeeping },
		.kept = &a->figures->connections,
		.app = &d };

	buf_init(&a->openapi, OPENAPI_MAX);
	buf_init(&a->asyncapi, ASYNCAPI_MAX);
	buf_init(&a->body, RESPONSE_MAX);
	openapi_write(p->router, DIALTONE_VERSION, &a->openapi);
	d.document = buf_str(&a->openapi);
	asyncapi_write(DIALTONE_VERSION, &a->asyncapi);
	d.events = buf_str(&a->asyncapi);
	/* It may have changed since the supervisor looked. */
	if (pg_connect(a->service.pg) == ERR_INTERNAL)
		return ERR_INTERNAL;
	choose_keepers(a);
	worker_is_ready(ready_fd);
	enum err e = fcgi_server_run(&server);

	write_uses(&a->service);
	buf_finish(&a->openapi);
	buf_finish(&a->asyncapi);
	buf_finish(&a->body);
	return e;
}

/* Microseconds between so many in a time; 0: no limit. */
static int64_t each(int64_t time_us, int64_t n)
{
	return n ? time_us / n : 0;
}

static void set_rates(
	struct service *service, struct redis_side *side, const struct api_settings *s)
{
	const int64_t a_minute = s->account_requests_per_minute;
	const struct rate_limit limits[RATE_KINDS] = {
		[RATE_SESSION] = { "request_rate", each(CLOCK_SECOND_US, s->request_rate),
			s->request_burst, SHARE },
		[RATE_ACCOUNT] = { "account_requests_per_minute", each(CLOCK_MINUTE_US, a_minute),
			a_minute, SHARE },
		[RATE_NETWORK] = { "stranger_rate", each(CLOCK_SECOND_US, s->stranger_rate),
			s->stranger_burst, STRANGERS_SHARE },
		[RATE_TOKENS_MINUTE] = { "public_tokens_per_minute",
			each(CLOCK_MINUTE_US, s->public_tokens_per_minute),
			s->public_tokens_per_minute, ONE_BY_ONE },
		[RATE_TOKENS_DAY] = { "public_tokens_per_day",
			each(CLOCK_DAY_US, s->public_tokens_per_day), s->public_tokens_per_day,
			ONE_BY_ONE },
		[RATE_PUSH] = { "push_notifications_per_hour",
			each(CLOCK_HOUR_US, s->push_notifications_per_hour),
			s->push_notifications_per_hour, ONE_BY_ONE },
	};

	for (int kind = 0; kind < RATE_KINDS; kind++)
		service->rates[kind] = rate_limit_in(side, limits[kind]);
}

static enum err order(void *ctx, const char *method, struct str params, int64_t until_ms,
	struct arena *arena, struct str *ret_result)
{
	return json_rpc_call(ctx, method, params, until_ms, arena, ret_result);
}

/* The SIP server's own Redis, where that is the registrar; NULL: there is none. */
static struct redis *registrar_redis(const struct api_settings *s, struct arena *arena)
{
	struct redis_address address;

	if (s->rules.registrar != REGISTRAR_REDIS || !*s->registrar_redis ||
		redis_address_parse(s->registrar_redis, arena, &address) != ERR_OK)
		return NULL;
	return redis_new(&address, DEVICE_REGISTRY_STEP_MS);
}

/* What leads from one part to another. */
static void connect_parts(struct api *a, struct redis_side *side, const struct api_settings *s)
{
	redis_count_in(side->redis, &a->figures->redis);
	a->health = (struct health){ .pg = a->service.pg, .redis = side->redis };
	a->service.readiness = health_readiness(&a->health);
	set_rates(&a->service, side, s);
}

static void free_parts(struct service *s)
{
	tally_free(&s->deprecated_uses);
	push_gateway_free(&s->push);
	limits_free(&s->limits);
	rate_table_free(&s->rate_table);
	tally_free(&s->session_uses);
	tally_free(&s->key_uses);
	token_cache_free(&s->tokens);
	spaces_free(&s->spaces);
	pg_free(&s->pg);
}

static enum err with_parts(const struct program *p, size_t place, struct keyring *keys,
	struct redis_side *side, const struct sip_side *sip, int ready_fd)
{
	const struct api_settings *s = conf_own(p->conf);
	struct username_policy *usernames =
		username_policy_new(s->account_username_regex, s->account_blacklisted_usernames);
	struct common_passwords *common_passwords = common_passwords_new(s->password_block_list);
	struct worker_figures *figures = board_take(p->board, place);
	struct api a = {
		.service = {
			.pg = new_pg(p->conf, "dialtone-api", &figures->pg),
			.keys = keys,
			.tokens = token_cache_new(keys),
			.settings = &s->rules,
			.usernames = usernames,
			.common_passwords = common_passwords,
			.nonces = nonce_counter_in(side),
			.copies = session_copies_in(side),
			.me_copies = me_copies_in(side),
			.live_states = live_states_in(side),
			.spaces = spaces_new(),
			.key_uses = tally_new(1, USES_MAX),
			.hmac_tokens = hmac_tokens_in(side),
			.device_registry = device_registry_in(sip->redis),
			.sip_rpc = { order, sip->rpc },
			.sip_events = sip_events_in(side),
			.deprecated_uses = tally_new(3, DEPRECATED_USES_MAX),
			.session_uses = tally_new(1, USES_MAX),
			.rate_table = rate_table_new(),
			.limits = limits_new(board_limits(p->board)),
			.counts = figures->counts,
			.push = push_gateway_new(
				&conf_common(p->conf)->push, &conf_common(p->conf)->outgoing),
			.waiting = waiting_room_of(p->waiting_room, s->workers),
			.wake = outbox_signal_wake,
			.wake_ctx = side,
		},
		.redis = side->redis,
		.board = p->board,
		.place = place,
		.figures = figures,
		.http = &s->http,
		.cors_headers = conf_common(p->conf)->cors_headers,
		.deprecated = &conf_common(p->conf)->deprecated,
	};
	enum err e;

	connect_parts(&a, side, s);
	e = serve(p, &a, ready_fd);
	free_parts(&a.service);
	common_passwords_free(&common_passwords);
	username_policy_free(&usernames);
	return e;
}

static int run_worker(void *arg, size_t place, int ready_fd)
{
	const struct program *p = arg;
	const struct common_settings *common = conf_common(p->conf);
	struct arena *arena = arena_new(1024);
	struct redis_side side = { .prefix = common->redis_prefix, .arena = arena_new(1024) };
	struct redis_address address;
	struct keyring *keys = NULL;
	const struct api_settings *own = conf_own(p->conf);
	enum err e = redis_address_as(common->redis, &own->redis, arena, &address);

	if (e == ERR_OK)
		e = keyring_load(common->keys_file, &keys);
	if (e == ERR_OK) {
		struct sip_side sip = { registrar_redis(own, arena),
			json_rpc_new(own->kamailio_rpc) };

		side.redis = redis_new(&address, 0);
		e = with_parts(p, place, keys, &side, &sip, ready_fd);
		redis_free(&side.redis);
		redis_free(&sip.redis);
		json_rpc_free(&sip.rpc);
	}
	keyring_free(&keys);
	arena_free(&side.arena);
	arena_free(&arena);
	return e == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The process beside the workers. */
static int tell_figures(void *arg)
{
	const struct program *p = arg;
	const struct common_settings *common = conf_common(p->conf);
	const struct api_settings *own = conf_own(p->conf);
	struct arena *arena = arena_new(1024);
	struct redis_address address;
	struct health health = { .pg = new_pg(p->conf, "dialtone-api-figures", NULL) };
	struct api_figures f = { p->board, &health, DIALTONE_VERSION };

	if (redis_address_as(common->redis, &own->redis, arena, &address) == ERR_OK) {
		health.redis = redis_new(&address, 0);
		api_figures_run(&f, &p->figures);
	}
	redis_free(&health.redis);
	pg_free(&health.pg);
	arena_free(&arena);
	return EXIT_SUCCESS;
}

/* A database that is away is no reason not to start; one that does not fit is. */
static enum err check_schema(const struct conf *conf)
{
	struct pg *pg = new_pg(conf, "dialtone-api", NULL);
	enum err e = pg_connect(pg);

	pg_free(&pg);
	return e == ERR_INTERNAL ? e : ERR_OK;
}

/* What a worker would fail over is found before the first one starts. */
static enum err check(const struct conf *conf)
{
	struct keyring *keys;
	enum err e = keyring_load(conf_common(conf)->keys_file, &keys);

	if (e != ERR_OK)
		return e;
	keyring_free(&keys);
	return check_schema(conf);
}

static enum err reload(void *arg, int *workers)
{
	const struct program *p = arg;
	const struct api_settings *s = conf_own(p->conf);
	enum err e = conf_reload(p->conf);

	if (e == ERR_OK)
		e = check(p->conf);
	if (e != ERR_OK)
		return e;
	log_set_level_named(conf_common(p->conf)->log_level);
	*workers = (int)s->workers;
	return ERR_OK;
}

static uint64_t steps(void *arg, size_t place)
{
	return board_steps(((const struct program *)arg)->board, place);
}

/* Nothing is waited for longer than for a statement, unless it is name servers that are all silent, for a host in
 * `postgres`: 24 s with three of them. */
static int64_t patience_ms(void *arg)
{
	const struct program *p = arg;
	const struct api_settings *s = conf_own(p->conf);

	return ONE_STEP_MS + s->pg_query_timeout_ms;
}

static void tell_hung(void *arg, size_t place, pid_t pid, int64_t silent_ms)
{
	board_tell_hung(((const struct program *)arg)->board, place, pid, silent_ms);
}

static void warn(const struct rule_settings *rules)
{
	if (rules->dangerous_endpoints)
		log_warn(
			"dangerous_endpoints is on: old clients create and recover accounts on the "
			"strength of an SMS");
	if (!*rules->public_url)
		log_warn("public_url is empty: links lead to the host of their space, on port 443");
}

static void warn_of_registrar(const struct api_settings *s)
{
	if (s->rules.registrar == REGISTRAR_REDIS && !*s->registrar_redis)
		log_warn("registrar is redis, and registrar_redis is empty: there are no devices");
	if (s->rules.registrar == REGISTRAR_KAMAILIO && !*s->kamailio_rpc)
		log_warn("registrar is kamailio, and kamailio_rpc is empty: no device is removed");
}

static void warn_of_sip_orders(const struct api_settings *s)
{
	const struct rule_settings *r = &s->rules;

	if (r->call_backend == CALL_BACKEND_KAMAILIO && !*s->kamailio_rpc)
		log_warn("call_backend is kamailio, and kamailio_rpc is empty: calls are refused");
	if (r->sip_message_backend == SIP_MESSAGES_KAMAILIO && !*s->kamailio_rpc)
		log_warn("sip_message_backend is kamailio, and kamailio_rpc is empty: messages are "
			 "refused");
	if (r->sip_message_backend == SIP_MESSAGES_LINPHONE && !*r->linphone_daemon_socket)
		log_warn("sip_message_backend is linphone-daemon, and linphone_daemon_socket is "
			 "empty: messages are refused");
	if (r->sip_message_backend != SIP_MESSAGES_LINPHONE && *r->linphone_daemon_socket)
		log_warn("linphone_daemon_socket is set, and sip_message_backend is not "
			 "linphone-daemon: nothing is sent by it");
}

static enum err supervise(struct program *p)
{
	const struct api_settings *s = conf_own(p->conf);
	enum err e = check(p->conf);

	if (e == ERR_OK)
		e = listener_init(&p->listener, s->listen, (mode_t)s->socket_mode);
	if (e == ERR_OK)
		e = waiting_room_make(&p->waiting_room);
	if (e == ERR_OK)
		e = figures_sockets_open(&p->figures, s->metrics_socket, s->metrics_listen);
	if (e != ERR_OK)
		return e;
	phone_start();
	warn(&s->rules);
	warn_of_registrar(s);
	warn_of_sip_orders(s);
	p->board = board_new(p->router);
	log_info("dialtone-api %s serves with %lld workers", DIALTONE_VERSION,
		(long long)s->workers);
	e = supervisor_run(&(struct supervisor_settings){ .workers = (int)s->workers,
		.pid_file = s->pid_file,
		.grace_ms = GRACE_MS,
		.run = run_worker,
		.beside = *s->metrics_socket || *s->metrics_listen ? tell_figures : NULL,
		.watch = { steps, patience_ms, tell_hung },
		.figures = board_supervisor(p->board),
		.reload = reload,
		.arg = p });
	figures_sockets_close(&p->figures);
	board_free(&p->board);
	listener_finish(&p->listener);
	return e;
}

static bool add_endpoints(struct router *r)
{
	struct buf why;
	bool complete;

	buf_init(&why, 4096);
	complete = api_add_endpoints(r, &why);
	if (!complete)
		log_error("%s", why.p);
	buf_finish(&why);
	return complete;
}

int main(int argc, char **argv)
{
	static const struct conf_program about = { .name = "dialtone-api",
		.version = DIALTONE_VERSION,
		.summary = "Serves the REST API over FastCGI.",
		.own = &api_table };
	const struct conf_input input = conf_input_of_process(argc, argv);
	struct program p = { .router = router_new() };
	int status;

	mem_keep_private();
	log_init("api", LOG_LEVEL_INFO);
	p.conf = conf_new(&about, &input, &status);
	if (p.conf) {
		log_set_level_named(conf_common(p.conf)->log_level);
		status = add_endpoints(p.router) && supervise(&p) == ERR_OK ? EXIT_SUCCESS
									    : EXIT_FAILURE;
	}
	conf_free(&p.conf);
	router_free(&p.router);
	return status;
}
