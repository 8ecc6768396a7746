/* What a change of a space or of a type leaves to be done in the rows of very many accounts (jobs/refresh.h). */
#include "fresh_schema.h"

#define ACCOUNT(name) "INSERT INTO accounts (username, domain) VALUES ('" name "', 'a.example')"

static int setup(void **state)
{
	(void)state;
	fresh_schema();
	server_sql("INSERT INTO spaces (domain, host, name) VALUES"
		   " ('a.example', 'a', 'A'), ('b.example', 'b', 'B')");
	return 0;
}

static PGconn *session(const char *sql)
{
	PGconn *c = PQconnectdb("");
	PGresult *r = PQexec(c, sql);

	assert_int_equal(PQresultStatus(r), PGRES_COMMAND_OK);
	PQclear(r);
	return c;
}

/* More than a change of their space reaches at once. */
#define MANY "2500"
static void make_many(void)
{
	server_sql("INSERT INTO accounts (username, domain, email) SELECT 'user' || i, 'a.example',"
		   " 'user' || i || '@a.example' FROM generate_series(1, " MANY ") i");
}

static int64_t number_that(const char *what)
{
	char sql[256];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM accounts WHERE %s", what);
	return server_sql(sql);
}

/* As dialtone-jobs goes over them. */
static void refresh_all(void)
{
	while (server_sql("SELECT count(*) FROM refreshes"))
		assert_int_equal(server_sql("SELECT refresh_some()::int"), 1);
	assert_int_equal(server_sql("SELECT refresh_some()::int"), 0);
}

static void of_very_many_accounts_the_first_follow_their_space_at_once_and_the_others_later(
	void **state)
{
	(void)state;
	make_many();
	server_sql("UPDATE spaces SET realm = 'phones', unique_email = false,"
		   " two_factor_policy = 'required' WHERE domain = 'a.example'");
#define CHANGED "space_realm = 'phones' AND email_rank = id AND must_enrol_at IS NOT NULL"
	assert_int_equal(number_that(CHANGED), 1000);
	assert_int_equal(server_sql("SELECT refresh_some()::int"), 1);
	assert_int_equal(number_that(CHANGED), 2000);
	server_sql(ACCOUNT("late"));
	assert_int_equal(number_that(CHANGED), 2001);
	refresh_all();
	assert_int_equal(number_that(CHANGED), 2501);
	/* Once more for all, when all know whether they have to. */
	assert_int_equal(server_sql("SELECT count(*) FROM outbox WHERE profile_id IS NOT NULL"), 2);
}

static void a_change_while_another_is_on_its_way_begins_from_the_start(void **state)
{
	(void)state;
	make_many();
	server_sql("UPDATE spaces SET realm = 'one' WHERE domain = 'a.example'");
	server_sql("SELECT refresh_some()::int");
	server_sql("UPDATE spaces SET realm = 'two' WHERE domain = 'a.example'");
	refresh_all();
	assert_int_equal(number_that("space_realm = 'two'"), 2500);
}

static void addresses_that_two_accounts_have_by_then_stay_with_both(void **state)
{
	(void)state;
	make_many();
	server_sql("UPDATE spaces SET unique_email = false WHERE domain = 'a.example'");
	refresh_all();
	server_sql("UPDATE accounts SET email = 'USER7@a.example' WHERE username = 'user2000'");
	server_sql("UPDATE spaces SET unique_email = true WHERE domain = 'a.example'");
	refresh_all();
	assert_int_equal(number_that("email_rank = 0"), 2498);
	assert_int_equal(number_that("email_rank = id AND lower(email) = 'user7@a.example'"), 2);
}

static void of_very_many_accounts_the_others_have_the_new_key_of_a_type_later(void **state)
{
	(void)state;
	make_many();
	server_sql("INSERT INTO account_types (key) VALUES ('old')");
	server_sql("INSERT INTO account_account_type SELECT a.id, t.id FROM accounts a, "
		   "account_types t");
	server_sql("UPDATE account_types SET key = 'new'");
	assert_int_equal(number_that("types -> 0 ->> 'key' = 'new'"), 1000);
	refresh_all();
	assert_int_equal(number_that("types -> 0 ->> 'key' = 'new'"), 2500);
}

static void a_type_that_is_deleted_leaves_very_many_accounts_a_part_at_a_time(void **state)
{
	(void)state;
	make_many();
	server_sql("INSERT INTO account_types (key) VALUES ('old')");
	server_sql("INSERT INTO account_account_type SELECT a.id, t.id FROM accounts a, "
		   "account_types t");
	server_sql("UPDATE account_types SET ended = true");
	assert_int_equal(number_that("types = '[]'"), 1000);
	server_sql("INSERT INTO account_types (key) VALUES ('old')");
	refresh_all();
	assert_int_equal(number_that("types = '[]'"), 2500);
	assert_int_equal(server_sql("SELECT count(*) FROM account_types"), 1);
	server_sql("UPDATE account_types SET ended = true");
	assert_int_equal(server_sql("SELECT count(*) FROM account_types"), 0);
}

/* The session that changes the space holds it; jobs does something else meanwhile. */
static void what_is_being_changed_is_left_for_later(void **state)
{
	PGconn *one;

	(void)state;
	make_many();
	server_sql("UPDATE spaces SET realm = 'one' WHERE domain = 'a.example'");
	one = session("BEGIN");
	PQclear(PQexec(one, "UPDATE spaces SET name = 'other' WHERE domain = 'a.example'"));
	assert_int_equal(server_sql("SELECT refresh_some()::int"), 0);
	PQfinish(one);
	assert_int_equal(server_sql("SELECT refresh_some()::int"), 1);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_very_many_accounts_the_first_follow_their_space_at_once_and_the_others_later),
		TEST(a_change_while_another_is_on_its_way_begins_from_the_start),
		TEST(addresses_that_two_accounts_have_by_then_stay_with_both),
		TEST(of_very_many_accounts_the_others_have_the_new_key_of_a_type_later),
		TEST(a_type_that_is_deleted_leaves_very_many_accounts_a_part_at_a_time),
		TEST(what_is_being_changed_is_left_for_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
