/*
 * libpq without waiting inside libpq: the socket does not block, and every wait is a poll() for what is
 * left of the call's time.  So a silent server costs a bounded time, and one that is known to be away
 * (retry_at_ms lies ahead) costs none.
 *
 * Whatever breaks the connection is logged once for an outage, and the next call makes a new one.
 * A transaction does not survive it: TX_LOST lets nothing of it run until it is rolled back, since half
 * of it might otherwise be repeated outside.
 */
#define _GNU_SOURCE
#include "pg_priv.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"

#define BACKOFF_MIN_MS  50
#define BACKOFF_MAX_MS  500
#define LOCK_TIMEOUT_MS 2000
/* How much longer than the server we wait, so that its own time-out is heard first and the
 * connection stays in use. */
#define GRACE_MS 250

static bool wait_for(struct pg *pg, short events, int64_t deadline_ms)
{
	struct pollfd p = { .fd = PQsocket(pg->conn), .events = events };

	for (;;) {
		int64_t left = deadline_ms - clock_ms();
		int n = poll(&p, 1, left > 0 ? (int)left : 0);

		if (n > 0)
			return true;
		if (n == 0 || errno != EINTR)
			return false;
	}
}

int64_t connection_query_deadline(const struct pg *pg)
{
	return clock_ms() + pg->settings.query_timeout_ms + GRACE_MS;
}

static void drop(struct pg *pg)
{
	PQfinish(pg->conn);
	pg->conn = NULL;
	pg->owes_sync = false;
	counter_set(&pg->settings.counters->up, 0);
	if (pg->tx == TX_OPEN)
		pg->tx = TX_LOST;
}

void connection_lost(struct pg *pg, const char *why)
{
	struct str text = str_trim(str_from(why));

	/* libpq tells what the server said before any of its codes can be asked for. */
	if (strstr(why, "unsupported startup parameter"))
		text = STR(PG_POOLER);
	snprintf(pg->why, sizeof(pg->why), "%.*s", (int)text.n, text.p);
	for (char *c = pg->why; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	if (!pg->away)
		log_warn("database connection lost: %s; it is tried again until it is back",
			pg->why);
	if (!pg->away)
		counter_add(&pg->settings.counters->losses, 1);
	pg->away = true;
	drop(pg);
}

const char *pg_why(const struct pg *pg)
{
	return pg->why;
}

void pg_disconnect(struct pg *pg)
{
	if (pg->conn)
		drop(pg);
}

/* *ret is NULL between the results of two commands. */
static enum err next_result(struct pg *pg, int64_t deadline_ms, PGresult **ret)
{
	while (PQisBusy(pg->conn)) {
		int unsent = PQflush(pg->conn);
		short events = unsent > 0 ? POLLIN | POLLOUT : POLLIN;

		if (unsent < 0)
			return ERR_UNAVAILABLE;
		if (!wait_for(pg, events, deadline_ms)) {
			connection_lost(pg, "no answer in time");
			return ERR_UNAVAILABLE;
		}
		if (!PQconsumeInput(pg->conn))
			return ERR_UNAVAILABLE;
	}
	*ret = PQgetResult(pg->conn);
	return ERR_OK;
}

/* The results of n commands, each followed by an empty one, then the Sync. */
static enum err read_results(
	struct pg *pg, int64_t deadline_ms, PGresult **results, size_t n, size_t *ret_read)
{
	PGresult *end = NULL;

	for (size_t i = 0; i < n; i++) {
		if (next_result(pg, deadline_ms, &results[i]) != ERR_OK || !results[i])
			return ERR_UNAVAILABLE;
		*ret_read = i + 1;
		if (next_result(pg, deadline_ms, &end) != ERR_OK || end) {
			PQclear(end);
			return ERR_UNAVAILABLE;
		}
	}
	if (next_result(pg, deadline_ms, &end) != ERR_OK || !end)
		return ERR_UNAVAILABLE;
	/* Anything else is the failure of a commit that the Sync stands for. */
	bool synced = PQresultStatus(end) == PGRES_PIPELINE_SYNC;

	PQclear(end);
	return synced ? ERR_OK : ERR_UNAVAILABLE;
}

enum err connection_collect(struct pg *pg, int64_t deadline_ms, PGresult **ret, size_t n)
{
	size_t got = 0;

	if (read_results(pg, deadline_ms, ret, n, &got) == ERR_OK &&
		PQstatus(pg->conn) == CONNECTION_OK) {
		pg->answered_ms = clock_ms();
		counter_add(&pg->settings.counters->answers, 1);
		return ERR_OK;
	}
	for (size_t i = 0; i < got; i++)
		PQclear(ret[i]);
	if (pg->conn)
		connection_lost(pg, PQerrorMessage(pg->conn));
	return ERR_UNAVAILABLE;
}

enum err connection_sync(struct pg *pg)
{
	if (PQpipelineSync(pg->conn))
		return ERR_OK;
	connection_lost(pg, PQerrorMessage(pg->conn));
	return ERR_UNAVAILABLE;
}

enum err connection_exchange(struct pg *pg, int64_t deadline_ms, PGresult **ret, size_t n)
{
	enum err e = connection_sync(pg);

	if (e == ERR_OK)
		e = connection_collect(pg, deadline_ms, ret, n);
	pg->exchanges += e == ERR_OK;
	return e;
}

static enum err handshake(struct pg *pg, int64_t deadline_ms)
{
	/* Without a socket there is nothing to wait for. */
	PostgresPollingStatusType s =
		PQstatus(pg->conn) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;

	while (s == PGRES_POLLING_READING || s == PGRES_POLLING_WRITING) {
		if (!wait_for(pg, s == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline_ms)) {
			hosts_next(&pg->hosts);
			connection_lost(pg, "no connection in time");
			return ERR_UNAVAILABLE;
		}
		s = PQconnectPoll(pg->conn);
	}
	if (s == PGRES_POLLING_OK && PQsetnonblocking(pg->conn, 1) == 0 &&
		PQenterPipelineMode(pg->conn))
		return ERR_OK;
	connection_lost(pg, PQerrorMessage(pg->conn));
	return ERR_UNAVAILABLE;
}

static void silence(void *arg, const PGresult *notice)
{
	(void)arg;
	(void)notice;
}

/* A host that is gone without a word is given up while its statement waits, not after the two hours of the kernel.
 * What the connection string says of this counts more. */
static const char *const usual[][2] = { { "tcp_user_timeout", "4000" }, { "keepalives_idle", "10" },
	{ "keepalives_interval", "5" }, { "keepalives_count", "2" } };
#define USUAL (sizeof(usual) / sizeof(usual[0]))

static void start(struct pg *pg)
{
	const char *const own[][2] = { { "dbname", pg->settings.conninfo },
		{ "application_name", pg->settings.app_name }, { "client_encoding", "UTF8" } };
	const char *keys[USUAL + 3 + HOSTS_LISTS + 1] = { NULL };
	const char *values[USUAL + 3 + HOSTS_LISTS + 1] = { NULL };
	size_t n = 0;

	for (size_t i = 0; i < USUAL; i++, n++) {
		keys[n] = usual[i][0];
		values[n] = usual[i][1];
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++, n++) {
		keys[n] = own[i][0];
		values[n] = own[i][1];
	}
	hosts_put(&pg->hosts, keys + n, values + n);
	pg->conn = PQconnectStartParams(keys, values, 1);
	if (!pg->conn)
		log_fatal("out of memory connecting to the database");
	PQsetNoticeReceiver(pg->conn, silence, NULL);
}

/*
 * Set after connecting, as poolers refuse the startup parameter `options`.  Without sorting by parts: that an index has
 * the beginning of an order, as that of names has the domain, is no reason to read all of a domain for a page of it.
 * Without reading whole tables where there is an index: a plan that was made while a table was small is kept when it has
 * grown.
 */
bool connection_session_send(struct pg *pg)
{
	char statement[16], lock[16], idle[16];
	const char *const values[] = { statement, lock, idle };

	snprintf(statement, sizeof(statement), "%d", pg->settings.query_timeout_ms);
	snprintf(lock, sizeof(lock), "%d", LOCK_TIMEOUT_MS);
	snprintf(idle, sizeof(idle), "%d", 2 * pg->settings.query_timeout_ms);
	return PQsendQueryParams(pg->conn,
		"SELECT set_config('plan_cache_mode', 'force_generic_plan', false),"
		" set_config('enable_incremental_sort', 'off', false),"
		" set_config('enable_seqscan', 'off', false),"
		" set_config('jit', 'off', false), set_config('TimeZone', 'UTC', false),"
		" set_config('DateStyle', 'ISO', false),"
		" set_config('statement_timeout', $1, false),"
		" set_config('lock_timeout', $2, false),"
		" set_config('idle_in_transaction_session_timeout', $3, false)",
		3, NULL, values, NULL, NULL, 0);
}

bool connection_request_prepare(struct pg *pg)
{
	return PQsendPrepare(pg->conn, PG_REQUEST_NAME,
		"SELECT pg_catalog.set_config('dialtone.request', $1::text, true)", 1, NULL);
}

static void back_off(struct pg *pg)
{
	int wait = pg->backoff_ms ? pg->backoff_ms : BACKOFF_MIN_MS;

	pg->retry_at_ms = clock_ms() + wait / 2 + arc4random_uniform((uint32_t)wait);
	pg->backoff_ms = 2 * wait < BACKOFF_MAX_MS ? 2 * wait : BACKOFF_MAX_MS;
}

static enum err connect_within(struct pg *pg, int ms)
{
	int64_t now = clock_ms();
	enum err e;

	pg_disconnect(pg);
	start(pg);
	e = handshake(pg, now + ms);
	if (e == ERR_OK)
		e = pg->prepare(pg, now + 2 * (int64_t)pg->settings.connect_timeout_ms);
	if (e != ERR_OK) {
		pg_disconnect(pg);
		back_off(pg);
		return e;
	}
	if (pg->away)
		log_info("database connection is back");
	counter_set(&pg->settings.counters->up, 1);
	pg->away = false;
	pg->why[0] = '\0';
	pg->backoff_ms = 0;
	return ERR_OK;
}

enum err pg_connect(struct pg *pg)
{
	return connect_within(pg, pg->settings.connect_timeout_ms);
}

/* What arrives while nothing was asked is a notice, or the news that the server is gone. An answer
 * within this millisecond makes the look unnecessary. */
static void notice_silent_death(struct pg *pg)
{
	if (pg->answered_ms == clock_ms())
		return;
	struct pollfd p = { .fd = PQsocket(pg->conn), .events = POLLIN };

	while (pg->conn && poll(&p, 1, 0) > 0)
		if (!PQconsumeInput(pg->conn) || PQisBusy(pg->conn) ||
			PQstatus(pg->conn) != CONNECTION_OK)
			drop(pg);
}

/* The answer to a ping; false when it is not there in time. */
static bool take_owed(struct pg *pg, int64_t deadline_ms)
{
	PGresult *sync = NULL;

	while (pg->owes_sync) {
		if (PQflush(pg->conn) < 0)
			return false;
		if (!PQisBusy(pg->conn)) {
			sync = PQgetResult(pg->conn);
			pg->owes_sync = PQresultStatus(sync) != PGRES_PIPELINE_SYNC;
			PQclear(sync);
			if (!sync)
				return false;
		} else if (!wait_for(pg, POLLIN, deadline_ms) || !PQconsumeInput(pg->conn)) {
			return false;
		}
	}
	pg->answered_ms = clock_ms();
	return true;
}

static enum err usable(struct pg *pg, int connect_ms)
{
	if (pg->tx == TX_LOST)
		return ERR_UNAVAILABLE;
	if (pg->tx == TX_DONE) {
		log_error("a statement behind the last exchange of its transaction");
		return ERR_INTERNAL;
	}
	if (pg->conn && pg->tx != TX_OPEN)
		notice_silent_death(pg);
	if (pg->conn)
		return ERR_OK;
	if (clock_ms() < pg->retry_at_ms)
		return ERR_UNAVAILABLE;
	return connect_within(pg, connect_ms);
}

enum err connection_ready(struct pg *pg)
{
	enum err e = usable(pg, pg->settings.connect_timeout_ms);

	if (e == ERR_OK && !take_owed(pg, connection_query_deadline(pg))) {
		connection_lost(pg, "no answer in time");
		e = ERR_UNAVAILABLE;
	}
	return e;
}

enum err pg_ping(struct pg *pg, int within_ms)
{
	enum err e = usable(pg, within_ms);

	if (e != ERR_OK)
		return e;
	if (!pg->owes_sync && connection_sync(pg) != ERR_OK)
		return ERR_UNAVAILABLE;
	pg->owes_sync = true;
	return take_owed(pg, clock_ms() + within_ms) ? ERR_OK : ERR_UNAVAILABLE;
}
