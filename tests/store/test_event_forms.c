/* Both ways from a change to what is published, side by side: rows rendered by the database, and facts
 * rendered by events/.  The room of account.* aside, all bytes but the spaces between JSON's tokens are
 * the same. */
#include "server.h"

#include <string.h>

#include "base/json_slice.h"
#include "events/event_kind.h"
#include "pg/migrate.h"
#include "redis/channel.h"

#define CHANGES   200
#define LINES_MAX ((size_t)1 << 20)

static struct arena *arena;

static void say_nothing(void *arg, const char *sentence)
{
	(void)arg;
	(void)sentence;
}

static PGresult *query(const char *sql)
{
	PGconn *c = PQconnectdb("options=--client_min_messages=warning");
	PGresult *r = PQexec(c, sql);

	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(c));
	PQfinish(c);
	return r;
}

/* The same JSON as our writer would have written it. */
static void rewrite(struct json_writer *w, struct str value)
{
	enum json_kind kind = json_slice_kind(value);
	struct str rest = value, key, inner;
	char *text = arena_alloc(arena, value.n + 1);
	size_t n;

	switch (kind) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		(kind == JSON_OBJECT ? json_object_begin : json_array_begin)(w);
		while (json_slice_next(&rest, &key, &inner)) {
			if (kind == JSON_OBJECT) {
				assert_true(json_slice_text(key, text, value.n + 1, &n));
				json_key(w, text);
			}
			rewrite(w, inner);
		}
		(kind == JSON_OBJECT ? json_object_end : json_array_end)(w);
		break;
	case JSON_STRING:
		assert_true(json_slice_text(value, text, value.n + 1, &n));
		json_text(w, text);
		break;
	default:
		json_raw(w, arena_strndup(arena, value.p, value.n));
	}
}

enum column { CHANNEL, EVENT, PAYLOAD, SKIP, SESSIONS, ACCOUNT, PROFILE };

static void add_line(
	struct buf *out, const char *channel, const char *event, const char *skip, const char *rest)
{
	buf_printf(out, "%s %s x=%s %s\n", channel, event, skip ? skip : "", rest);
}

static void add_old(struct buf *out, const PGresult *r, int i)
{
	const char *channel = PQgetvalue(r, i, CHANNEL), *event = PQgetvalue(r, i, EVENT);
	struct buf text;
	struct json_writer w;

	buf_init(&text, LINES_MAX);
	json_writer_init(&w, &text);
	if (strncmp(event, "account.", 8) == 0)
		channel = arena_printf(arena, "%.*s:r:accounts",
			(int)(strchr(channel, '}') - channel) + 1, channel);
	if (!PQgetisnull(r, i, PAYLOAD))
		rewrite(&w, str_from(PQgetvalue(r, i, PAYLOAD)));
	else if (strcmp(event, "perm") == 0)
		buf_printf(&text, "%s/%s", PQgetvalue(r, i, ACCOUNT), PQgetvalue(r, i, PROFILE));
	else
		buf_add_str(&text, PQgetvalue(r, i, SESSIONS));
	add_line(out, channel, event, PQgetvalue(r, i, SKIP), text.p);
	buf_finish(&text);
}

static const char *channel_to(const struct event *e, const char *user, const char *room)
{
	struct buf name;

	buf_init(&name, 2048);
	if (user)
		channel_user(&name, "", str_from(e->domain), str_from(user));
	else if (room)
		channel_room(&name, "", str_from(e->domain), str_from(room));
	else
		buf_printf(&name, "{%s}", e->domain);
	user = arena_strdup(arena, name.p);
	buf_finish(&name);
	return user;
}

static void add_client_event(
	struct buf *out, const struct client_event *c, const struct event *e, const void *facts)
{
	struct receiver copies[AUDIENCE_COPIES_MAX];
	size_t n = audience_of(c->to, e, copies);
	struct str payload;

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(
			event_render(
				c, &(struct copy){ e, facts, copies[i].masked, arena }, &payload),
			ERR_OK);
		add_line(out, channel_to(e, copies[i].user, copies[i].room), c->name,
			copies[i].skip_user, payload.p);
	}
}

static void add_control(struct buf *out, const struct event_kind *kind, const struct event *e)
{
	static const char *const ops[] = { [CONTROL_END_SESSIONS] = "revoke",
		[CONTROL_REPLACE_SESSION] = "rebind",
		[CONTROL_PERMISSIONS] = "perm",
		[CONTROL_PERMISSIONS_OF_PROFILE] = "perm" };
	bool group = kind->control == CONTROL_PERMISSIONS_OF_PROFILE;

	if (kind->control == CONTROL_NONE)
		return;
	add_line(out, channel_to(e, e->username, NULL), ops[kind->control], NULL,
		e->sessions ? e->sessions
		: group ? arena_printf(arena, "%ld/%ld", (long)e->account_id, (long)e->profile_id)
			: arena_printf(arena, "%ld/", (long)e->account_id));
}

static void add_new(struct buf *out, const struct event *e)
{
	const struct event_kind *kind = event_kind_find(e->kind);
	const void *facts;

	assert_non_null(kind);
	assert_int_equal(event_facts(kind, e, arena, &facts), ERR_OK);
	for (const struct client_event *c = kind->clients; c && c->name; c++)
		if (!c->when || c->when(facts))
			add_client_event(out, c, e, facts);
	add_control(out, kind, e);
}

static const char *text_at(const PGresult *r, int i, int column)
{
	return PQgetisnull(r, i, column) ? NULL : PQgetvalue(r, i, column);
}

/* How many messages there were. */
static int compare(const char *change)
{
	PGresult *old_rows = query("SELECT channel, event, payload, skip_user,"
				   " array_to_string(sessions, ' '), account_id, profile_id"
				   " FROM outbox ORDER BY id");
	PGresult *new_rows = query("SELECT kind, domain, account_id, username, profile_id,"
				   " array_to_string(sessions, ' '), facts FROM facts ORDER BY id");
	struct buf was, is;
	int n = PQntuples(old_rows);

	buf_init(&was, LINES_MAX);
	buf_init(&is, LINES_MAX);
	buf_add_str(&was, "\n");
	buf_add_str(&is, "\n");
	for (int i = 0; i < n; i++)
		add_old(&was, old_rows, i);
	for (int i = 0; i < PQntuples(new_rows); i++)
		add_new(&is, &(struct event){ .kind = PQgetvalue(new_rows, i, 0),
				     .domain = PQgetvalue(new_rows, i, 1),
				     .account_id = atol(PQgetvalue(new_rows, i, 2)),
				     .username = text_at(new_rows, i, 3),
				     .profile_id = atol(PQgetvalue(new_rows, i, 4)),
				     .sessions = text_at(new_rows, i, 5),
				     .facts = text_at(new_rows, i, 6) });
	if (strcmp(was.p, is.p) != 0)
		fail_msg("%s\nwas:%s\nis:%s", change, was.p, is.p);
	buf_finish(&was);
	buf_finish(&is);
	PQclear(old_rows);
	PQclear(new_rows);
	arena_reset(arena);
	return n;
}

/* Changes, with A for a random account and T for a random text, both as SQL. */
static const char *const changes[] = {
	"UPDATE accounts SET display_name = T WHERE id = A",
	"UPDATE accounts SET activated = NOT activated WHERE id = A",
	"UPDATE accounts SET blocked = NOT blocked WHERE id = A",
	"UPDATE accounts SET username = T || random() WHERE id = A",
	"INSERT INTO accounts (username, domain) VALUES (T || random(), 'a.example')",
	"DELETE FROM accounts WHERE id = A AND random() < 0.3",
	"INSERT INTO cti_users (account_id, presence) VALUES (A, 'dnd') ON CONFLICT (account_id)"
	" DO UPDATE SET presence = (ARRAY['online', 'dnd', 'voicemail', 'cellphone'])"
	"[1 + floor(random() * 4)], presence_to = NULL",
	"INSERT INTO cti_users (account_id, presence, presence_to) VALUES (A, 'callforward', T)"
	" ON CONFLICT (account_id) DO UPDATE SET presence = 'callforward', presence_to = T",
	"UPDATE cti_users SET on_busy = 'callforward', on_busy_to = T WHERE account_id = A",
	"UPDATE cti_users SET on_unavailable = 'callforward', on_unavailable_to = T,"
	" on_busy = 'online', on_busy_to = NULL, presence = 'callforward', presence_to = T",
	"UPDATE cti_users SET default_device = T WHERE account_id = A",
	"INSERT INTO cti_settings (account_id, key, value) VALUES (A, 'avatar', to_jsonb(T::text))"
	" ON CONFLICT (account_id, key) DO UPDATE SET value = excluded.value",
	"INSERT INTO cti_settings (account_id, key, value) VALUES (A, 'avatar',"
	" to_jsonb(repeat('\u00e9', 8191 + floor(random() * 3)::int))) ON CONFLICT (account_id, "
	"key)"
	" DO UPDATE SET value = excluded.value",
	"DELETE FROM cti_settings WHERE account_id = A",
	"INSERT INTO passwords VALUES (A, md5(random()::text), 'MD5') ON CONFLICT DO NOTHING",
	"UPDATE passwords SET password = md5(random()::text) WHERE account_id = A",
	"INSERT INTO sessions (jti, account_id, expires_at) SELECT md5(random()::text || i), A,"
	" now() + interval '1 day' FROM generate_series(1, 70) i",
	"UPDATE sessions SET revoked_at = now() WHERE account_id = A AND random() < 0.5",
	"UPDATE sessions SET replaced_by = md5('next' || jti), revoked_at = now() + interval '9 s'"
	" WHERE jti = (SELECT min(jti) FROM sessions WHERE revoked_at IS NULL)",
	"UPDATE cti_users SET profile_id = (SELECT id FROM profiles ORDER BY random() LIMIT 1)"
	" WHERE account_id = A",
	"INSERT INTO profiles (domain, name) VALUES ('a.example', 'p' || random())",
	"UPDATE profiles SET macro_permissions = jsonb_build_object('m' || floor(random() * 5),"
	" '{\"value\": true}'::jsonb) WHERE id = (SELECT min(id) FROM profiles)",
	"UPDATE profiles SET is_default = true WHERE id = (SELECT max(id) FROM profiles)"
	" AND NOT EXISTS (SELECT FROM profiles WHERE is_default)",
	"DELETE FROM profiles WHERE id = (SELECT min(id) FROM profiles) AND random() < 0.5",
	"INSERT INTO extensions (account_id, domain, exten, type) SELECT id, domain,"
	" floor(random() * 1000000)::text, 'physical' FROM accounts WHERE id = A",
	"UPDATE extensions SET exten = exten || '1' WHERE account_id = A",
	"DELETE FROM extensions WHERE account_id = A",
	"UPDATE spaces SET two_factor_policy = (ARRAY['off', 'optional', 'required'])"
	"[1 + floor(random() * 3)], two_factor_grace_days = floor(random() * 9)",
	"INSERT INTO two_factor (account_id) VALUES (A) ON CONFLICT DO NOTHING;"
	"UPDATE two_factor SET secret_sealed = CASE WHEN secret_sealed IS NULL THEN '\\x00'::bytea"
	" END, enabled_at = CASE WHEN secret_sealed IS NULL THEN now() END WHERE account_id = A",
	/* A lock is told by a statement of its own, not by a trigger. */
	"INSERT INTO guesses VALUES ('otp:1', 5, 1, now() + random() * interval '1 day')"
	" ON CONFLICT (subject) DO UPDATE SET ends_at = excluded.ends_at;"
	"INSERT INTO outbox (channel, event, payload)"
	" SELECT '{' || a.domain || '}:u:' || channel_encode(a.username), 'securityNotice',"
	"  json_build_array('securityNotice', json_build_object('kind', 'otp_locked', 'until',"
	"   to_char(g.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')))"
	" FROM guesses g, accounts a WHERE a.id = A;"
	"SELECT facts_add('login.locked', A, jsonb_build_object('kind', 'otp_locked', 'until',"
	" to_char(ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))) FROM guesses",
};

static const char *const texts[] = { "'0721000000'", "'20'", "'201'", "'\u00e9\u00e8'",
	"'*7\U0001f4de12'", "'ali ce'", "'O''Brien \"x\"'", "E'tab\\there\\\\'", "'a%/{}:'",
	"'Al.ice_1-2@x'" };

static const char *random_change(void)
{
	const char *from = changes[(size_t)rand() % (sizeof(changes) / sizeof(changes[0]))];
	const char *text = texts[(size_t)rand() % (sizeof(texts) / sizeof(texts[0]))];
	PGresult *r = query("SELECT id FROM accounts ORDER BY random() LIMIT 1");
	struct buf sql;

	buf_init(&sql, 4096);
	for (const char *c = from; *c; c++) {
		bool alone = (c == from || !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", c[-1])) &&
			     (!c[1] || !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ_\"", c[1]));

		if (*c == 'A' && alone)
			buf_add_str(&sql, PQgetvalue(r, 0, 0));
		else if (*c == 'T' && alone)
			buf_add_str(&sql, text);
		else
			buf_add_char(&sql, *c);
	}
	PQclear(r);
	from = arena_strdup(arena, sql.p);
	buf_finish(&sql);
	return from;
}

static void a_change_is_published_in_the_same_bytes_by_both(void **state)
{
	int messages = 0;

	(void)state;
	for (int i = 0; i < CHANGES; i++) {
		const char *sql;

		server_sql("TRUNCATE outbox, facts; INSERT INTO accounts (username, domain)"
			   " VALUES ('spare' || random(), 'a.example'); TRUNCATE outbox, facts");
		sql = random_change();
		server_sql(sql);
		messages += compare(sql);
	}
	print_message("%d changes, %d messages\n", CHANGES, messages);
	assert_true(messages > CHANGES);
}

static int prepare(void **state)
{
	const struct pg_settings settings = { .conninfo = "" };

	(void)state;
	arena = arena_new(65536);
	srand(2026);
	if (migrate_run(&settings, schema_migrations, say_nothing, NULL) != ERR_OK ||
		system("psql -X -q -v ON_ERROR_STOP=1 -f \"$TEST_FACTS_SQL\"") != 0)
		return -1;
	server_sql("INSERT INTO spaces (domain, host, name) VALUES ('a.example', 'a', 'A');"
		   "INSERT INTO accounts (username, domain, created_at)"
		   " SELECT n, 'a.example', now() - interval '1 day' FROM unnest(ARRAY['alice',"
		   " 'J\u00fcrg', 'o''neil', 'a b%', '*99#']) n;"
		   "INSERT INTO profiles (domain, name) VALUES ('a.example', 'first')");
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_is_published_in_the_same_bytes_by_both),
	};

	return cmocka_run_group_tests(tests, prepare, end);
}
