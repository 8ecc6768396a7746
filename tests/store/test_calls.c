/*
 * Records of calls, written by more than one, more than once, with whatever phones put into them; and days of the
 * history, in zones of their own.
 */
#include "fresh_schema.h"

#include <pthread.h>
#include <string.h>

#include "resources/calls/call_record.h"
#include "resources/calls/history.h"
#include "resources/statements.h"

#define SECOND INT64_C(1000000)
#define BEGAN  (INT64_C(1800000000) * SECOND)

static struct service open_service(void)
{
	static const struct pg_settings settings = { .conninfo = "" };
	struct service s = { .pg = pg_new(&settings), .arena = arena_new(4096) };

	statements_register(s.pg);
	assert_int_equal(pg_connect(s.pg), ERR_OK);
	return s;
}

static void close_service(struct service *s)
{
	pg_free(&s->pg);
	arena_free(&s->arena);
}

static int open_all(void **state)
{
	static struct service s;

	fresh_schema();
	s = open_service();
	*state = &s;
	return 0;
}

static int close_all(void **state)
{
	close_service(*state);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	server_sql("DELETE FROM spaces");
	server_sql("INSERT INTO spaces (domain, host, name)"
		   " SELECT d || '.example', d, d FROM unnest('{a,b}'::text[]) d");
	server_sql("INSERT INTO accounts (username, domain)"
		   " VALUES ('alice', 'a.example'), ('bob', 'b.example')");
	return 0;
}

static int64_t account(const char *name)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT id FROM accounts WHERE username = '%s'", name);
	return server_sql(sql);
}

/* From alice's telephone to bob's, which lasted a minute. */
static struct call_record plain_call(void)
{
	return (struct call_record){ .call_id = "1@phone",
		.linked_id = "1800000000.1",
		.from = { account("alice"), "a.example", "201", "Alice", "91201" },
		.to = { account("bob"), "b.example", "301", "Bob", "91301" },
		.started_us = BEGAN,
		.rang_us = BEGAN + SECOND,
		.answered_us = BEGAN + 2 * SECOND,
		.ended_us = BEGAN + 62 * SECOND,
		.cause = "normal_clearing" };
}

static void add(struct service *s, const struct call_record *r, size_t n)
{
	assert_int_equal(call_records_add(s, r, n), ERR_OK);
}

#define COUNT(what) server_sql("SELECT count(*) FROM " what)

static void a_call_written_again_is_there_once_and_as_it_was(void **state)
{
	struct call_record twice[2] = { plain_call(), plain_call() };

	twice[1].cause = "user_busy";
	add(*state, twice, 2);
	add(*state, twice + 1, 1);
	add(*state, NULL, 0);
	assert_int_equal(
		COUNT("calls WHERE domain = 'a.example' AND cause = 'normal_clearing'"), 1);
	assert_int_equal(COUNT("calls"), 2);
}

static void another_call_that_takes_the_same_call_id_is_another_one(void **state)
{
	struct call_record r[2] = { plain_call(), plain_call() };

	r[1].linked_id = "1800000000.2";
	add(*state, r, 2);
	assert_int_equal(COUNT("calls WHERE domain = 'a.example'"), 2);
}

static void each_space_of_a_call_knows_its_own_account_and_device_alone(void **state)
{
	struct call_record r = plain_call();

	add(*state, &r, 1);
	assert_int_equal(
		COUNT("calls WHERE domain = 'a.example' AND from_exten = '91201' AND to_exten IS"
		      " NULL AND from_account_id IS NOT NULL AND to_account_id IS NULL"),
		1);
	assert_int_equal(
		COUNT("calls WHERE domain = 'b.example' AND to_exten = '91301' AND from_exten IS"
		      " NULL AND to_account_id IS NOT NULL AND from_account_id IS NULL"),
		1);
	assert_int_equal(COUNT("calls WHERE from_number = '201' AND to_name = 'Bob'"), 2);
}

static void times_are_as_they_were_to_the_microsecond_and_impossible_ones_are_none(void **state)
{
	struct call_record r[2] = { plain_call(), plain_call() };

	r[0].started_us = BEGAN + 123456;
	r[1].linked_id = "2";
	r[1].started_us = INT64_MAX;
	r[1].rang_us = INT64_MIN;
	r[1].answered_us = 0;
	add(*state, r, 2);
	assert_int_equal(server_sql("SELECT extract(epoch FROM started_at) * 1000000 FROM calls"
				    " WHERE domain = 'a.example' AND linked_id = '1800000000.1'"),
		BEGAN + 123456);
	assert_int_equal(
		COUNT("calls WHERE domain = 'a.example' AND linked_id = '2' AND rang_at IS NULL"
		      " AND answered_at IS NULL AND started_at = ended_at"),
		1);
}

static void texts_that_are_too_long_or_none_at_all_spoil_no_other_record(void **state)
{
	struct call_record r[3] = { plain_call(), plain_call(), plain_call() };
	char name[3001];

	for (size_t i = 0; i < sizeof(name) - 1; i += 3)
		memcpy(name + i, "\xE2\x82\xAC", 3);
	name[sizeof(name) - 1] = '\0';
	r[0].linked_id = r[0].from.name = r[0].to.number = r[0].cause = name;
	r[1].linked_id = "2";
	r[1].from =
		(struct call_party){ .domain = "A.Example", .name = "\xFF", .number = "\n\"\\" };
	add(*state, r, 3);
	assert_int_equal(COUNT("calls WHERE domain = 'a.example'"), 3);
	assert_int_equal(COUNT("calls WHERE domain = 'a.example' AND length(from_name) = 255"), 1);
	assert_int_equal(COUNT("calls WHERE domain = 'a.example' AND from_name IS NULL AND"
			       " from_number = E'\\n\"\\\\'"),
		1);
}

static void a_call_of_no_space_or_of_one_that_is_being_removed_is_left_out(void **state)
{
	struct call_record r[2] = { plain_call(), plain_call() };

	r[1].linked_id = "2";
	r[1].from.domain = r[1].to.domain = "elsewhere.example";
	server_sql("UPDATE spaces SET ends = 'sessions' WHERE domain = 'b.example'");
	add(*state, r, 2);
	assert_int_equal(COUNT("calls"), 1);
	assert_int_equal(COUNT("calls WHERE domain = 'a.example'"), 1);
}

static void a_deleted_account_costs_nothing_and_its_calls_stay_with_the_other_end(void **state)
{
	struct call_record r = plain_call();

	add(*state, &r, 1);
	server_sql("DELETE FROM accounts WHERE username = 'alice'");
	assert_int_equal(COUNT("calls"), 2);
	server_sql("DELETE FROM spaces WHERE domain = 'a.example'");
	assert_int_equal(COUNT("calls"), 1);
}

static void statistics_have_a_new_call_once_in_the_space_it_came_from(void **state)
{
	struct call_record r[3] = { plain_call(), plain_call(), plain_call() };

	r[1].linked_id = "2";
	r[1].from = (struct call_party){ .domain = "elsewhere.example" };
	r[1].answered_us = 0;
	r[1].cause = "user_busy";
	r[2].linked_id = "3";
	for (int i = 0; i < 2; i++)
		assert_int_equal(call_records_add_reported(*state, r, 2), ERR_OK);
	add(*state, r + 2, 1);
	assert_int_equal(COUNT("statistics_calls"), 2);
	assert_int_equal(
		COUNT("statistics_calls WHERE domain = 'a.example' AND id = '1800000000.1' AND"
		      " from_username = 'alice' AND to_username = 'bob' AND"
		      " ended_at - initiated_at = interval '62 seconds'"),
		1);
	assert_int_equal(COUNT("statistics_calls WHERE domain = 'b.example' AND from_username ="
			       " 'anonymous' AND from_domain = 'elsewhere.example'"),
		1);
	assert_int_equal(COUNT("statistics_call_devices WHERE device_id = '91301' AND"
			       " rang_at IS NOT NULL AND invite_terminated_state = 'accepted'"),
		1);
	assert_int_equal(
		COUNT("statistics_call_devices WHERE invite_terminated_state = 'declined'"), 1);
}

#define MANY   100
#define ROUNDS 10

/* Both in an order of their own. */
static void *write_all(void *arg)
{
	const bool *backwards = arg;
	struct call_record r[MANY];
	char ids[MANY][16];
	struct service s = open_service();

	for (int i = 0; i < MANY; i++) {
		r[i] = (struct call_record){ .linked_id = ids[i],
			.call_id = "same",
			.from = { .domain = "a.example" },
			.to = { .domain = "b.example" } };
		snprintf(ids[i], sizeof(ids[i]), "%d", *backwards ? MANY - i : i + 1);
	}
	intptr_t rounds = 0;

	while (rounds < ROUNDS && call_records_add_reported(&s, r, MANY) == ERR_OK) {
		arena_reset(s.arena);
		rounds++;
	}
	close_service(&s);
	return (void *)rounds;
}

static void two_that_write_the_same_at_once_do_not_get_into_each_others_way(void **state)
{
	static const bool ways[] = { false, true };
	pthread_t threads[2];
	void *rounds;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, write_all, (void *)(uintptr_t)&ways[i]);
	for (size_t i = 0; i < 2; i++) {
		pthread_join(threads[i], &rounds);
		assert_int_equal((intptr_t)rounds, ROUNDS);
	}
	assert_int_equal(COUNT("calls"), 2 * MANY);
	assert_int_equal(COUNT("statistics_calls WHERE domain = 'a.example'"), MANY);
}

/* How many calls of alice there are on that day of that zone. */
static int64_t calls_on(struct service *s, const char *day, const char *zone)
{
	const struct rule_settings settings = { .history_time_zone = zone };
	const struct history_reader alice = { .account_id = account("alice"),
		.username = "alice",
		.domain = "a.example",
		.main_extension = "201",
		.capabilities = "cdr",
		.extensions = "91201" };
	const struct history_query q = {
		.type = "user", .target = "alice", .from = day, .to = day
	};
	struct history found;

	s->settings = &settings;
	assert_int_equal(history_search(s, &alice, &q, &found), ERR_OK);
	return found.count;
}

/* BEGAN is 2027-01-15 08:00:00 in UTC. */
static void a_day_begins_and_ends_at_midnight_of_its_zone(void **state)
{
	struct call_record r[4] = { plain_call(), plain_call(), plain_call(), plain_call() };
	static const int64_t hours[] = { -9, -8, 15, 16 }; /* around midnight of UTC, and of it */

	for (size_t i = 0; i < 4; i++) {
		r[i].call_id = i ? i > 1 ? i > 2 ? "4" : "3" : "2" : "1";
		r[i].started_us = BEGAN + hours[i] * 3600 * SECOND;
	}
	add(*state, r, 4);
	assert_int_equal(calls_on(*state, "20270114", "UTC"), 1);
	assert_int_equal(calls_on(*state, "20270115", "UTC"), 2);
	assert_int_equal(calls_on(*state, "20270116", "UTC"), 1);
	assert_int_equal(calls_on(*state, "20270114", "Europe/Rome"), 0);
	assert_int_equal(calls_on(*state, "20270116", "Europe/Rome"), 2);
	assert_int_equal(calls_on(*state, "20270114", "America/New_York"), 2);
}

static void without_the_database_none_is_written(void **state)
{
	struct call_record r = plain_call();
	const struct pg_settings nowhere = { .conninfo = "host=/nonexistent" };
	struct service s = { .pg = pg_new(&nowhere), .arena = arena_new(4096) };

	(void)state;
	statements_register(s.pg);
	assert_int_equal(call_records_add(&s, &r, 1), ERR_UNAVAILABLE);
	close_service(&s);
}

int main(void)
{
#define FRESH(test) cmocka_unit_test_setup(test, setup)
	const struct CMUnitTest tests[] = {
		FRESH(a_call_written_again_is_there_once_and_as_it_was),
		FRESH(another_call_that_takes_the_same_call_id_is_another_one),
		FRESH(each_space_of_a_call_knows_its_own_account_and_device_alone),
		FRESH(times_are_as_they_were_to_the_microsecond_and_impossible_ones_are_none),
		FRESH(texts_that_are_too_long_or_none_at_all_spoil_no_other_record),
		FRESH(a_call_of_no_space_or_of_one_that_is_being_removed_is_left_out),
		FRESH(a_deleted_account_costs_nothing_and_its_calls_stay_with_the_other_end),
		FRESH(statistics_have_a_new_call_once_in_the_space_it_came_from),
		FRESH(two_that_write_the_same_at_once_do_not_get_into_each_others_way),
		FRESH(a_day_begins_and_ends_at_midnight_of_its_zone),
		FRESH(without_the_database_none_is_written),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
