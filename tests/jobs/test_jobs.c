#define _GNU_SOURCE
#include "fixture.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/keyring.h"
#include "redis/outbox_signal.h"
#include "jobs/cleanup.h"
#include "jobs/refresh.h"
#include "jobs/removal.h"
#include "pg/pg.h"
#include "service/transaction.h"
#include "events/outbox.h"

#define BOB PREFIX "{d}:u:bob"

/* Events with a number each. */
static void put(int from, int to)
{
	char sql[240];

	snprintf(sql, sizeof(sql),
		"INSERT INTO outbox (kind, domain, account_id, username, facts) SELECT"
		" 'default_device.changed', 'd', 1, 'bob', jsonb_build_object('exten', i::text)"
		" FROM generate_series(%d, %d) AS i",
		from, to);
	server_sql(sql);
}

static int64_t number_of(const struct message *m)
{
	int64_t n = -1;

	assert_int_equal(sscanf(m->payload.p, "[\"updateDefaultDevice\",\"%" PRId64, &n), 1);
	return n;
}

static void a_created_account_is_told_to_the_admins_of_its_space(void **state)
{
	struct fixture *f = *state;
	struct message m;

	server_sql("INSERT INTO spaces (domain, host, name) VALUES ('d', 'h', 'n')");
	server_sql("INSERT INTO accounts (username, domain) VALUES ('alice', 'd')");
	assert_int_equal(drain(f), 1);
	m = next(f, PREFIX "{d}:r:accounts");
	assert_string_equal(m.name, "account.created");
	assert_non_null(strstr(m.payload.p, "\"alice\""));
	assert_int_equal(server_sql("SELECT count(*) FROM outbox"), 0);
}

static void a_lock_of_the_login_is_told_to_its_user(void **state)
{
	const struct lock_facts facts = { "password_locked", INT64_C(1767225601500000) };
	struct fixture *f = *state;
	struct message m;
	int64_t id;

	server_sql("INSERT INTO spaces (domain, host, name) VALUES ('d', 'h', 'n')");
	server_sql("INSERT INTO accounts (username, domain) VALUES ('bob', 'd'); TRUNCATE outbox");
	id = server_sql("SELECT id FROM accounts");
	assert_int_equal(event_add(&f->outbox.service, EVENT_LOGIN_LOCKED, id, &facts), ERR_OK);
	assert_int_equal(event_add(&f->outbox.service, EVENT_LOGIN_LOCKED, 0, &facts), ERR_OK);
	assert_int_equal(drain(f), 1);
	m = next(f, BOB);
	assert_str_equal(m.payload, "[\"securityNotice\",{\"kind\":\"password_locked\","
				    "\"until\":\"2026-01-01T00:00:01Z\"}]");
	assert_int_equal(m.flags, MESSAGE_ONE_SHOT);
	assert_null(m.coalesce_key);
}

static void expect_presence(struct fixture *f, const char *channel, const char *name, bool own)
{
	struct message m = next(f, channel);
	bool masked = strstr(channel, ".m") != NULL;

	assert_string_equal(m.name, name);
	assert_int_equal(m.skip_users.n, own ? 0 : 1);
	/* In each connection the newest counts, and none before it follows. */
	assert_int_equal(m.flags, MESSAGE_VOLATILE | MESSAGE_COALESCE);
	assert_non_null(m.coalesce_key);
	assert_int_equal(
		strncmp(m.coalesce_key, strstr(name, "Main") ? "mainPresence:" : "presence:", 9),
		0);
	assert_true(m.sequence > 0);
	assert_non_null(strstr(m.payload.p, masked ? "\"to\":\"0721xxx\"" : "\"to\":\"0721000\""));
}

static void a_presence_is_told_to_its_user_and_to_those_who_watch_as_clear_as_they_may(void **state)
{
	static const char *const names[] = { "userPresenceUpdate", "userMainPresenceUpdate" };
	struct fixture *f = *state;

	server_sql("INSERT INTO spaces (domain, host, name) VALUES ('d', 'h', 'n');"
		   "INSERT INTO accounts (username, domain) VALUES ('bob', 'd'); TRUNCATE outbox;"
		   "INSERT INTO cti_users (account_id, presence, presence_to)"
		   " SELECT id, 'callforward', '0721000' FROM accounts");
	assert_int_equal(drain(f), 1);
	for (size_t i = 0; i < 2; i++) {
		expect_presence(f, BOB, names[i], true);
		expect_presence(f, PREFIX "{d}:r:ext.clear", names[i], false);
		expect_presence(f, PREFIX "{d}:r:ext.mq", names[i], false);
		expect_presence(f, PREFIX "{d}:r:ext.ma", names[i], false);
	}
}

static void the_message_carries_id_and_time_of_its_row(void **state)
{
	struct fixture *f = *state;
	struct message m;
	long id = server_sql(
		"INSERT INTO outbox (kind, domain, account_id, username, facts, created_at)"
		" VALUES ('avatar.changed', 'd', 1, 'bob', '{}',"
		" '2026-01-01 00:00:01.5+00') RETURNING id");

	assert_int_equal(drain(f), 1);
	m = next(f, PREFIX "{d}:r:all");
	assert_int_equal(atol(m.id), id);
	assert_true(m.time_ms == INT64_C(1767225601500));
	assert_str_equal(m.payload, "[\"userProfileAvatarUpdate\",{\"username\":\"bob\"}]");
}

static enum err add_notice(struct service *s, void *arg)
{
	const struct lock_facts facts = { "password_locked", INT64_C(1767225601500000) };

	if (*(const bool *)arg)
		pg_commit_with_next(s->pg);
	return event_add(s, EVENT_LOGIN_LOCKED, server_sql("SELECT id FROM accounts"), &facts);
}

/* In the log is what says of which request a transaction is. */
static void add_notice_of(struct fixture *f, const char *request_id, bool at_once)
{
	log_set_request(request_id);
	assert_int_equal(service_transaction(&f->outbox.service, add_notice, &at_once), ERR_OK);
	log_set_request(NULL);
}

static void a_message_names_the_request_that_it_follows_from(void **state)
{
	struct fixture *f = *state;

	server_sql("INSERT INTO spaces (domain, host, name) VALUES ('d', 'h', 'n')");
	server_sql("INSERT INTO accounts (username, domain) VALUES ('bob', 'd'); TRUNCATE outbox");
	add_notice_of(f, "one", false);
	add_notice_of(f, "two", true);
	add_notice_of(f, NULL, false);
	add_notice_of(f, NULL, true);
	assert_int_equal(drain(f), 4);
	assert_string_equal(next(f, BOB).request_id, "one");
	assert_string_equal(next(f, BOB).request_id, "two");
	assert_null(next(f, BOB).request_id);
	assert_null(next(f, BOB).request_id);
}

#define OF_REQUEST(id) "SELECT count(*) FROM outbox WHERE request_id = '" id "'"

static void what_is_done_a_part_at_a_time_is_of_the_request_that_left_it(void **state)
{
	struct fixture *f = *state;
	struct refresh_plan plan = { 0 };

	server_sql("INSERT INTO spaces (domain, host, name) VALUES ('d', 'h', 'n');"
		   "INSERT INTO accounts (username, domain) VALUES ('bob', 'd'), ('eve', 'd');"
		   "TRUNCATE outbox");
	server_sql("INSERT INTO outbox (kind, domain, account_id, profile_id, request_id)"
		   " VALUES ('permissions.changed_for_profile', 'd', 0, 0, 'one')");
	assert_int_equal(drain(f), 1);
	assert_int_equal(server_sql(OF_REQUEST("one")), 2);
	server_sql("TRUNCATE outbox; INSERT INTO sessions (jti, account_id, expires_at)"
		   " SELECT 'session-number-1', id, now() + interval '1 day' FROM accounts"
		   "  WHERE username = 'bob';"
		   "UPDATE accounts SET sessions_void_at = now(), sessions_spared = '{}' WHERE "
		   "username = 'bob';"
		   "TRUNCATE outbox; INSERT INTO leftovers (kind, owner_id, request_id)"
		   " SELECT 'sessions', id, 'two' FROM accounts WHERE username = 'bob'");
	while (refresh_step(&plan, &f->outbox.service))
		;
	assert_int_equal(server_sql(OF_REQUEST("two")), 1);
}

static void the_end_of_a_space_is_of_the_request_that_ended_it(void **state)
{
	struct fixture *f = *state;
	struct removal_plan plan = { 0 };

	server_sql(ACCOUNT_WITH_SESSIONS(2));
	server_sql("UPDATE spaces SET ends = 'sessions', ends_request_id = 'one'");
	while (removal_step(&plan, &f->outbox.service))
		;
	assert_int_equal(server_sql("SELECT count(*) FROM outbox WHERE request_id IS NULL"), 0);
	assert_true(server_sql(OF_REQUEST("one")) > 0);
}

static void events_come_in_their_order_batch_after_batch(void **state)
{
	struct fixture *f = *state;

	put(1, 250);
	assert_int_equal(drain(f), 100);
	assert_int_equal(drain(f), 100);
	assert_int_equal(drain(f), 50);
	assert_int_equal(drain(f), 0);
	for (int i = 1; i <= 250; i++) {
		struct message m = next(f, BOB);

		assert_int_equal(number_of(&m), i);
	}
}

static void expect_revoked(struct fixture *f, const char *jti)
{
	struct message m = next(f, ORDERS);

	assert_int_equal(m.kind, MESSAGE_CONTROL);
	assert_true(m.sequence > 0);
	assert_string_equal(m.user, USER_NAME);
	assert_int_equal(m.op, MESSAGE_REVOKE);
	assert_int_equal(m.jtis.n, 1);
	assert_string_equal(m.jtis.items[0], jti);
}

static void a_password_change_ends_the_sessions_and_forgets_their_copies(void **state)
{
	struct fixture *f = *state;

	server_sql(ACCOUNT_WITH_SESSIONS(1));
	redis_set(f, PREFIX "{example.org}:tok:session-number-10");
	server_sql("UPDATE passwords SET password = repeat('1', 64)");
	assert_int_equal(drain(f), 2);
	assert_false(redis_has(f, PREFIX "{example.org}:tok:session-number-10"));
	expect_revoked(f, "session-number-10");
	assert_int_equal(next(f, ORDERS).op, MESSAGE_PERM);
	assert_int_equal(server_sql("SELECT count(*) FROM sessions WHERE revoked_at IS NULL"), 0);
}

static void block_deletion_and_a_new_name_end_the_sessions_under_the_old_one(void **state)
{
	static const char *const changes[] = { "UPDATE accounts SET blocked = true",
		"UPDATE accounts SET username = 'other'", "DELETE FROM accounts" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		server_sql("TRUNCATE outbox, spaces, sessions CASCADE");
		server_sql(ACCOUNT_WITH_SESSIONS(1));
		server_sql(changes[i]);
		server_sql("DELETE FROM outbox WHERE kind <> 'sessions.ended'");
		assert_int_equal(drain(f), 1);
		expect_revoked(f, "session-number-10");
	}
}

static void a_replaced_session_is_bound_again_and_ends_later_without_a_word(void **state)
{
	struct fixture *f = *state;
	struct message m;

	server_sql(ACCOUNT_WITH_SESSIONS(2));
	redis_set(f, PREFIX "{example.org}:tok:session-number-10");
	redis_set(f, PREFIX "{example.org}:tok:session-number-11");
	server_sql("UPDATE sessions SET replaced_by = 'session-number-11',"
		   " revoked_at = now() + interval '10 seconds' WHERE jti = 'session-number-10'");
	assert_int_equal(drain(f), 1);
	m = next(f, ORDERS);
	assert_int_equal(m.op, MESSAGE_REBIND);
	assert_string_equal(m.old_jti, "session-number-10");
	assert_string_equal(m.new_jti, "session-number-11");
	assert_false(redis_has(f, PREFIX "{example.org}:tok:session-number-10"));
	assert_true(redis_has(f, PREFIX "{example.org}:tok:session-number-11"));
	server_sql("UPDATE sessions SET last_used_at = now()");
	assert_int_equal(drain(f), 0);
}

static void a_thousand_sessions_end_in_messages_a_relay_accepts(void **state)
{
	struct fixture *f = *state;
	size_t told = 0;

	server_sql(ACCOUNT_WITH_SESSIONS(1000));
	server_sql("UPDATE sessions SET revoked_at = now()");
	assert_int_equal(drain(f), 20);
	while (told < 1000)
		told += next(f, ORDERS).jtis.n;
	assert_int_equal(told, 1000);
}

static void what_is_not_committed_is_not_told(void **state)
{
	struct fixture *f = *state;
	PGconn *c = PQconnectdb("");

	PQclear(PQexec(c, "BEGIN"));
	PQclear(PQexec(c, "INSERT INTO outbox (kind, domain, account_id, username, facts)"
			  " VALUES ('avatar.changed', 'd', 1, 'bob', '{}')"));
	assert_int_equal(drain(f), 0);
	PQfinish(c);
}

static void without_redis_the_events_stay_and_go_out_later(void **state)
{
	struct fixture *f = *state;
	int64_t end = clock_ms() + PROGRAM_WAIT_MS;
	size_t taken;
	enum err e;

	put(1, 3);
	shell("TEST_REDIS_STOP");
	assert_int_equal(outbox_drain(&f->outbox, 100, &taken), ERR_UNAVAILABLE);
	assert_int_equal(server_sql("SELECT count(*) FROM outbox"), 3);
	shell("TEST_REDIS_START");
	listen_again(f);
	do
		e = outbox_drain(&f->outbox, 100, &taken);
	while (e == ERR_UNAVAILABLE && clock_ms() < end);
	assert_int_equal(e, ERR_OK);
	assert_int_equal(taken, 3);
	for (int i = 1; i <= 3; i++) {
		struct message m = next(f, BOB);

		assert_int_equal(number_of(&m), i);
	}
}

static void while_one_is_at_it_the_others_stand_by(void **state)
{
	static const struct pg_settings settings = { .conninfo = "" };
	struct fixture *f = *state;
	struct service other = { .pg = pg_new(&settings) };
	bool mine;

	statements_register(other.pg);
	put(1, 1);
	assert_int_equal(pg_begin(other.pg), ERR_OK);
	assert_int_equal(outbox_lock(&other, &mine), ERR_OK);
	assert_true(mine);
	assert_int_equal(drain(f), 0);
	pg_rollback(other.pg);
	assert_int_equal(drain(f), 1);
	pg_free(&other.pg);
}

static void events_that_can_be_told_to_no_one_do_not_hold_up_the_rest(void **state)
{
	struct fixture *f = *state;
	struct message m;

	server_sql(
		"INSERT INTO outbox (kind, domain, account_id, username, facts) VALUES"
		" ('default_device.changed', 'd', 1, 'bob',"
		"  jsonb_build_object('exten', repeat('x', 300000))),"
		" ('default_device.changed', 'd', 1, 'bob', '{\"exten\": 5}'),"
		" ('account.created', 'd', 1, 'bob', NULL), ('of.tomorrow', 'd', 1, 'bob', '{}')");
	put(7, 7);
	assert_int_equal(drain(f), 5);
	m = next(f, BOB);
	assert_int_equal(number_of(&m), 7);
	assert_int_equal(server_sql("SELECT count(*) FROM outbox"), 0);
}

static void what_has_expired_is_removed_and_the_rest_stays(void **state)
{
	struct fixture *f = *state;
	struct cleanup_plan plan = { { 0 } };

	server_sql("TRUNCATE digest_nonces");
	server_sql("INSERT INTO spaces (domain, host, name) VALUES ('d', 'h', 'n')");
	server_sql("INSERT INTO accounts (username, domain) VALUES ('alice', 'd')");
	server_sql("INSERT INTO sessions (jti, account_id, expires_at, revoked_at)"
		   " SELECT 'session-number-' || i, a.id, now() + s.ends, now() + s.revoked"
		   " FROM accounts a, (VALUES (1, interval '1 day', NULL),"
		   " (2, '-29 days', NULL), (3, '-31 days', NULL), (4, '1 day', '-1 day'),"
		   " (5, '1 day', interval '-31 days')) AS s (i, ends, revoked)");
	server_sql(
		"INSERT INTO api_keys (account_id, key_hash, name, last_used_at,"
		" expires_after_last_used_minutes) SELECT a.id, sha256(k.n::text::bytea),"
		" 'key ' || k.n, now() - interval '1 hour', k.minutes"
		" FROM accounts a, (VALUES (1, 30), (2, 90), (3, 0), (4, NULL)) AS k (n, minutes)");
	server_sql(
		"INSERT INTO digest_nonces SELECT repeat(n::text, 64), 1,"
		" now() + n * interval '1 minute' - interval '90 s' FROM generate_series(1, 2) n");
	server_sql("INSERT INTO known_networks SELECT id, '192.0.2.' || n, now() - n * interval '1 "
		   "day'"
		   " FROM accounts, generate_series(29, 31) n");
	server_sql(
		"INSERT INTO auth_tokens (token_hash, expires_at) SELECT sha256(n::text::bytea),"
		" now() + n * interval '1 minute' - interval '90 s' FROM generate_series(1, 2) n");
	cleanup_run_due(&plan, &f->outbox.service, 60);
	assert_int_equal(server_sql("SELECT count(*) FROM sessions WHERE jti ~ '[124]$'"), 3);
	assert_int_equal(server_sql("SELECT count(*) FROM sessions"), 3);
	assert_int_equal(server_sql("SELECT count(*) FROM api_keys WHERE name <> 'key 1'"), 3);
	assert_int_equal(server_sql("SELECT count(*) FROM api_keys"), 3);
	assert_int_equal(server_sql("SELECT count(*) FROM digest_nonces"), 1);
	assert_int_equal(server_sql("SELECT right(network, 2)::int FROM known_networks"), 29);
	assert_int_equal(server_sql("SELECT count(*) FROM auth_tokens"), 1);
}

static void creation_tokens_are_removed_a_week_after_their_end_unless_they_were_used(void **state)
{
	struct fixture *f = *state;
	struct cleanup_plan plan = { { 0 } };

	server_sql("INSERT INTO spaces (domain, host, name) VALUES ('t', 't', 't')");
	server_sql("INSERT INTO account_creation_tokens (token_hash, domain, used, expires_at)"
		   " SELECT sha256(n::text::bytea), 't', n = 3, now() - n * interval '3 days'"
		   " FROM generate_series(1, 4) n UNION ALL SELECT sha256('5'), 't', false, NULL");
	server_sql("INSERT INTO account_creation_tokens (token_hash, domain, used, updated_at)"
		   " VALUES (sha256('left'), 't', true, now() - interval '8 days')");
	server_sql("INSERT INTO account_creation_request_tokens (token_hash, domain, expires_at)"
		   " SELECT sha256(n::text::bytea), 't', now() - n * interval '3 days'"
		   " FROM generate_series(1, 4) n");
	server_sql(
		"INSERT INTO account_recovery_tokens (token_hash, domain, pn_provider, pn_param,"
		" pn_prid, used, expires_at) SELECT sha256(n::text::bytea), 't', 'fcm', 'p', 'd',"
		" n = 3, now() - n * interval '3 days' FROM generate_series(1, 4) n");
	cleanup_run_due(&plan, &f->outbox.service, 60);
	assert_int_equal(server_sql("SELECT count(*) FROM account_creation_tokens"), 4);
	assert_int_equal(server_sql("SELECT count(*) FROM account_creation_request_tokens"), 2);
	assert_int_equal(server_sql("SELECT count(*) FROM account_recovery_tokens"), 2);
	server_sql("DELETE FROM spaces WHERE domain = 't'");
}

static void statistics_and_calls_are_kept_for_as_many_days_as_the_settings_say(void **state)
{
	static const struct {
		int64_t days;
		int left;
	} settings[] = { { 0, 4 }, { 30, 2 }, { 15, 1 } };
	struct fixture *f = *state;

	server_sql("INSERT INTO spaces (domain, host, name) VALUES ('t', 't', 't')");
	server_sql(
		"INSERT INTO statistics_messages (id, domain, from_username, from_domain, sent_at,"
		" encrypted, created_at) SELECT n, 't', 'alice', 't', now(), false,"
		" now() - n * interval '10 days' FROM generate_series(1, 4) n;"
		"INSERT INTO statistics_calls (id, domain, from_username, from_domain, to_username,"
		" to_domain, initiated_at, created_at) SELECT n, 't', 'alice', 't', 'bob', 't', "
		"now(),"
		" now() - n * interval '10 days' FROM generate_series(1, 4) n;"
		"INSERT INTO statistics_call_devices (call, device_id)"
		" SELECT number, 'phone' FROM statistics_calls");
	server_sql("INSERT INTO calls (domain, call_id, linked_id, from_domain, from_number,"
		   " to_domain, to_number, started_at, ended_at, cause, created_at)"
		   " SELECT 't', n, n, 't', '1', 't', '2', now(), now(), 'normal_clearing',"
		   " now() - n * interval '100 days' FROM generate_series(1, 4) n");
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct cleanup_plan plan = { .statistics_days = settings[i].days,
			.calls_days = 10 * settings[i].days };

		cleanup_run_due(&plan, &f->outbox.service, 60);
		assert_int_equal(
			server_sql("SELECT count(*) FROM statistics_messages"), settings[i].left);
		assert_int_equal(server_sql("SELECT count(*) FROM statistics_call_devices"),
			settings[i].left);
		assert_int_equal(server_sql("SELECT count(*) FROM calls"), settings[i].left);
	}
	server_sql("DELETE FROM spaces WHERE domain = 't'");
	assert_int_equal(server_sql("SELECT count(*) FROM statistics_calls"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM calls"), 0);
}

static void the_audit_trail_is_kept_for_as_many_days_as_the_setting_says(void **state)
{
	static const struct {
		int64_t days;
		int left;
	} settings[] = { { 0, 4 }, { 302, 4 }, { 300, 1 } };
	struct fixture *f = *state;

	server_sql("INSERT INTO audit (domain, door, action, at) SELECT 't', 'key', 'old',"
		   " now() - interval '301 days' FROM generate_series(1, 3) n;"
		   "INSERT INTO audit (domain, door, action, at)"
		   " VALUES ('t', 'key', 'young', now() - interval '299 days')");
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct cleanup_plan plan = { .audit_days = settings[i].days };

		cleanup_run_due(&plan, &f->outbox.service, 60);
		assert_int_equal(server_sql("SELECT count(*) FROM audit"), settings[i].left);
	}
	server_sql("DELETE FROM audit");
}

static void the_calls_of_a_space_that_is_removed_go_some_at_a_time_before_it_goes(void **state)
{
	struct fixture *f = *state;
	struct removal_plan plan = { 0 };

	server_sql(
		"INSERT INTO spaces (domain, host, name, ends) VALUES ('t', 't', 't', 'accounts')");
	server_sql("INSERT INTO calls (domain, call_id, linked_id, from_domain, from_number,"
		   " to_domain, to_number, started_at, ended_at, cause)"
		   " SELECT 't', n, n, 't', '1', 't', '2', now(), now(), 'normal_clearing'"
		   " FROM generate_series(1, 10005) n");
	assert_true(removal_step(&plan, &f->outbox.service));
	assert_int_equal(server_sql("SELECT count(*) FROM calls"), 5);
	assert_int_equal(server_sql("SELECT count(*) FROM spaces WHERE domain = 't'"), 1);
	while (removal_step(&plan, &f->outbox.service))
		;
	assert_int_equal(server_sql("SELECT count(*) FROM spaces WHERE domain = 't'"), 0);
}

static void what_a_deleted_account_sent_goes_with_it_and_very_much_of_it_soon_after(void **state)
{
	struct fixture *f = *state;
	struct cleanup_plan plan = { { 0 } };

	server_sql("INSERT INTO spaces (domain, host, name) VALUES ('t', 't', 't')");
	server_sql("INSERT INTO accounts (username, domain) VALUES ('alice', 't'), ('bob', 't')");
	server_sql(
		"INSERT INTO statistics_messages (id, domain, from_username, from_domain, sent_at,"
		" encrypted) SELECT n, 't', CASE WHEN n > 3000 THEN 'bob' ELSE 'alice' END, 't',"
		" now(), false FROM generate_series(1, 3005) n");
	server_sql("DELETE FROM accounts WHERE username = 'alice'");
	assert_int_equal(server_sql("SELECT count(*) FROM statistics_messages"), 2005);
	cleanup_run_due(&plan, &f->outbox.service, 60);
	assert_int_equal(server_sql("SELECT count(*) FROM statistics_messages"), 5);
	assert_int_equal(server_sql("SELECT count(*) FROM statistics_senders_gone"), 0);
	server_sql("DELETE FROM accounts WHERE username = 'bob'");
	assert_int_equal(server_sql("SELECT count(*) FROM statistics_messages"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM statistics_senders_gone"), 0);
	server_sql("DELETE FROM spaces WHERE domain = 't'");
}

static void a_clean_up_that_ran_is_not_due_again_at_once(void **state)
{
	struct fixture *f = *state;
	struct cleanup_plan plan = { { 0 } };

	cleanup_run_due(&plan, &f->outbox.service, 60);
	server_sql(
		"INSERT INTO digest_nonces VALUES (repeat('f', 64), 1, now() - interval '1 day')");
	cleanup_run_due(&plan, &f->outbox.service, 60);
	assert_int_equal(
		server_sql("SELECT count(*) FROM digest_nonces WHERE nonce = repeat('f', 64)"), 1);
	server_sql("TRUNCATE digest_nonces");
}

/* Beside the database of this run. */
static const char *keys_file(void)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/keys", getenv("PGHOST"));
	if (keyring_create(path, 0) == ERR_UNAVAILABLE)
		fail_msg("%s cannot be written", path);
	return path;
}

/* The program itself. poll_ms: how often it looks without being woken. */
static pid_t program_start(const char *poll_ms)
{
	const char *keys = keys_file();
	pid_t pid = fork();

	if (pid == 0) {
		char conninfo[512];

		snprintf(conninfo, sizeof(conninfo), "host=%s user=%s dbname=%s", getenv("PGHOST"),
			getenv("PGUSER"), getenv("PGDATABASE"));
		setenv("DIALTONE_POSTGRES", conninfo, 1);
		setenv("DIALTONE_REDIS", getenv("TEST_REDIS"), 1);
		setenv("DIALTONE_KEYS_FILE", keys, 1);
		setenv("DIALTONE_JOBS_OUTBOX_POLL_MS", poll_ms, 1);
		setenv("DIALTONE_JOBS_OUTBOX_BATCH", "20", 1);
		execl(getenv("TEST_JOBS"), "dialtone-jobs", (char *)NULL);
		_exit(127);
	}
	return pid;
}

static int program_end(pid_t pid, int signal_number)
{
	int status;

	kill(pid, signal_number);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void the_program_is_woken_and_ends_at_sigterm(void **state)
{
	struct fixture *f = *state;
	pid_t pid = program_start("60000");
	int64_t end = clock_ms() + PROGRAM_WAIT_MS;
	struct redis_reply heard = { 0 };
	const struct redis_command wake =
		REDIS_COMMAND(STR("PUBLISH"), STR(PREFIX "wake:outbox"), STR(""));
	struct message m;

	/* It listens, so it has looked at the empty outbox, or is about to. */
	while (heard.number == 0 && clock_ms() < end)
		assert_int_equal(redis_call(f->outbox.redis, wake, f->arena, &heard), ERR_OK);
	put(1, 1);
	assert_int_equal(outbox_signal_send(f->outbox.redis, PREFIX), ERR_OK);
	m = next(f, BOB);
	assert_int_equal(number_of(&m), 1);
	assert_int_equal(program_end(pid, SIGTERM), 0);
}

static void one_of_two_killed_loses_nothing_and_keeps_the_order(void **state)
{
	enum { COUNT = 1000 };
	struct fixture *f = *state;
	pid_t victim = program_start("10"), heir;
	int64_t last = 0;

	put(1, COUNT);
	heir = program_start("10");
	while (last < COUNT) {
		struct message m = next(f, BOB);
		int64_t n = number_of(&m);

		/* A batch may come twice, never may one be missing. */
		assert_true(n <= last + 1);
		if (n > last)
			last = n;
		if (n == 100 && victim) {
			assert_int_equal(program_end(victim, SIGKILL), 128 + SIGKILL);
			victim = 0;
		}
	}
	assert_int_equal(program_end(heir, SIGTERM), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM outbox"), 0);
}

static void the_program_outlives_an_absence_of_postgresql(void **state)
{
	struct fixture *f = *state;
	pid_t pid = program_start("10");
	struct message m;

	put(1, 1);
	m = next(f, BOB);
	server_stop();
	server_start();
	put(2, 2);
	/* At least once: the first comes again when its removal was not committed. */
	do
		m = next(f, BOB);
	while (number_of(&m) == 1);
	assert_int_equal(number_of(&m), 2);
	assert_int_equal(program_end(pid, SIGTERM), 0);
}

static void the_program_refuses_a_database_without_the_schema(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	setenv("PGDATABASE", "template1", 1);
	pid = program_start("10");
	setenv("PGDATABASE", "postgres", 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 78);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		FRESH(a_created_account_is_told_to_the_admins_of_its_space),
		FRESH(a_lock_of_the_login_is_told_to_its_user),
		FRESH(a_presence_is_told_to_its_user_and_to_those_who_watch_as_clear_as_they_may),
		FRESH(the_message_carries_id_and_time_of_its_row),
		FRESH(a_message_names_the_request_that_it_follows_from),
		FRESH(what_is_done_a_part_at_a_time_is_of_the_request_that_left_it),
		FRESH(the_end_of_a_space_is_of_the_request_that_ended_it),
		FRESH(events_come_in_their_order_batch_after_batch),
		FRESH(a_password_change_ends_the_sessions_and_forgets_their_copies),
		FRESH(block_deletion_and_a_new_name_end_the_sessions_under_the_old_one),
		FRESH(a_replaced_session_is_bound_again_and_ends_later_without_a_word),
		FRESH(a_thousand_sessions_end_in_messages_a_relay_accepts),
		FRESH(what_is_not_committed_is_not_told),
		FRESH(without_redis_the_events_stay_and_go_out_later),
		FRESH(while_one_is_at_it_the_others_stand_by),
		FRESH(events_that_can_be_told_to_no_one_do_not_hold_up_the_rest),
		FRESH(what_has_expired_is_removed_and_the_rest_stays),
		FRESH(creation_tokens_are_removed_a_week_after_their_end_unless_they_were_used),
		FRESH(statistics_and_calls_are_kept_for_as_many_days_as_the_settings_say),
		FRESH(the_audit_trail_is_kept_for_as_many_days_as_the_setting_says),
		FRESH(the_calls_of_a_space_that_is_removed_go_some_at_a_time_before_it_goes),
		FRESH(what_a_deleted_account_sent_goes_with_it_and_very_much_of_it_soon_after),
		FRESH(a_clean_up_that_ran_is_not_due_again_at_once),
		FRESH(the_program_is_woken_and_ends_at_sigterm),
		FRESH(one_of_two_killed_loses_nothing_and_keeps_the_order),
		FRESH(the_program_outlives_an_absence_of_postgresql),
		FRESH(the_program_refuses_a_database_without_the_schema),
	};

	return cmocka_run_group_tests(tests, migrate, NULL);
}
