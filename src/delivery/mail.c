/*
 * Mails by libcurl, to the server of the space, or else that of the site (accounts-api 13.5).
 *
 * A server that a tenant names is reached where outgoing/guard.h lets it, and over TLS, unless the operator has
 * named it, on a connection of its own: one that the site's mails left open would lead past the guard.
 */
#include <curl/curl.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_slice.h"
#include "base/json_writer.h"
#include "base/mem.h"
#include "base/syntax.h"
#include "base/text_input.h"
#include "conf/outgoing_settings.h"
#include "crypto/seal.h"
#include "delivery/backend.h"
#include "delivery/shared.h"
#include "mail_priv.h"
#include "outgoing/guard.h"
#include "outgoing/transfers.h"
#include "resources/space_email/server.h"

#define CONNECT_S   10
#define SILENCE_S   30    /* a server may think so long about a command */
#define ANSWERS_MAX 65536 /* bytes that a server may say in all */
#define LINE_SIZE   200   /* of its last line, kept */
#define SMTPS_PORT  465
#define SHARE       4 /* of a space, of what runs at once */
#define TELLING     4 /* characters of a fact that make it recognisable */

/* One on its way, in the arena of its attempt. */
struct mail {
	struct attempt *attempt;
	const char *host;
	struct guard guard;
	struct mail_facts facts;
	struct buf message;
	size_t sent, heard; /* bytes */
	struct curl_slist *to;
	char answer[LINE_SIZE], error[CURL_ERROR_SIZE];
};

struct outgoing_server {
	const char *url, *host, *user, *password, *from_address, *from_name, *signature;
	bool is_tenants, may_be_plain;
	enum mail_tls tls;
};

static bool is_set_up(const struct delivery_settings *s)
{
	return *s->mail.server != '\0';
}

static struct backend_limits limits(const struct delivery_settings *s)
{
	int64_t share = s->mail.at_once / SHARE;

	return (struct backend_limits){ s->mail.at_once, share ? share : 1,
		s->mail.mails_per_minute_per_space, "mails_per_minute_per_space" };
}

/* facts */

static void add_fact(struct mail_facts *f, const char *name, const char *value)
{
	if (f->n < MAIL_VALUES_MAX)
		f->values[f->n++] = (struct mail_value){ name, value };
}

static const char *text_of(struct arena *arena, struct str value)
{
	char *text = arena_alloc(arena, value.n + 1);
	size_t n;

	if (json_slice_text(value, text, value.n + 1, &n))
		return text;
	return json_slice_kind(value) == JSON_NUMBER ? arena_strndup(arena, value.p, value.n)
						     : NULL;
}

static void facts_read(struct mail_facts *f, const char *payload, struct arena *arena)
{
	struct str rest = str_from(payload), key, value;

	while (json_slice_next(&rest, &key, &value)) {
		const char *text = text_of(arena, value);

		if (text)
			add_fact(f, text_of(arena, key), text);
	}
}

static enum language facts_complete(
	struct mail_facts *f, const char *space_name, struct arena *arena)
{
	const char *tag = mail_fact(f, STR("language")), *minutes = mail_fact(f, STR("minutes"));
	enum language language = tag ? language_find(str_from(tag)) : LANGUAGE_EN;
	uint64_t n;

	if (language == LANGUAGE_COUNT)
		language = LANGUAGE_EN;
	if (minutes && str_to_uint(str_from(minutes), INT64_MAX, &n))
		add_fact(f, "validity", mail_validity(arena, language, (int64_t)n));
	add_fact(f, "space", space_name);
	return language;
}

/* ends */

/* Of a reply (RFC 5321, 4.2). */
static bool is_refusal(struct str line)
{
	return line.n && (*line.p == '4' || *line.p == '5');
}

static void answer_keep(struct mail *m, struct str line)
{
	if (line.n >= sizeof(m->answer))
		line.n = sizeof(m->answer) - 1;
	memcpy(m->answer, line.p, line.n);
	m->answer[line.n] = '\0';
}

/* Behind a refusal there is still the answer to QUIT. */
static size_t on_answer(char *p, size_t size, size_t n, void *arg)
{
	struct mail *m = arg;
	size_t bytes = size * n;
	struct str line = str_trim((struct str){ p, bytes });

	m->heard += bytes;
	if (is_refusal(line) || !is_refusal(str_from(m->answer)))
		answer_keep(m, line);
	return m->heard > ANSWERS_MAX ? 0 : bytes;
}

static size_t on_read(char *to, size_t size, size_t n, void *arg)
{
	struct mail *m = arg;
	size_t bytes = size * n;

	if (bytes > m->message.n - m->sent)
		bytes = m->message.n - m->sent;
	memcpy(to, m->message.p + m->sent, bytes);
	m->sent += bytes;
	return bytes;
}

/* A server that repeats what was told to it in confidence is not quoted. */
static bool answer_tells(const struct mail *m)
{
	for (size_t i = 0; i < m->facts.n; i++) {
		const struct mail_value *v = &m->facts.values[i];

		if (strlen(v->value) >= TELLING && strcmp(v->name, "email") != 0 &&
			strcmp(v->name, "space") != 0 && strstr(m->answer, v->value))
			return true;
	}
	return false;
}

static const char *reason_of(const struct mail *m, CURLcode code)
{
	struct arena *arena = m->attempt->service.arena;
	const char *said = m->error[0] ? m->error : curl_easy_strerror(code);

	if (m->guard.refused[0])
		return arena_printf(arena,
			"%s is at %s, where no mail goes unless the setting outgoing_private names "
			"it.",
			m->host, m->guard.refused);
	if (m->heard > ANSWERS_MAX)
		return arena_printf(arena, "%s says too much.", m->host);
	if (m->answer[0] && !answer_tells(m))
		return arena_printf(arena, "%s: %s (%s)", m->host, said, m->answer);
	return arena_printf(arena, "%s: %s", m->host, said);
}

/* 5yz about this mail, not about us: from MAIL on (RFC 5321, 4.2.1). */
static bool is_final(const struct mail *m, CURLcode code, long status)
{
	bool about_mail = code == CURLE_SEND_ERROR ||
			  (code == CURLE_WEIRD_SERVER_REPLY && m->sent == m->message.n);

	return about_mail && status >= 500 && status < 600;
}

static void on_done(void *arg, CURL *easy, CURLcode code)
{
	struct mail *m = arg;
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK)
		attempt_done(m->attempt);
	else if (is_final(m, code, status))
		attempt_give_up(m->attempt, reason_of(m, code));
	else
		attempt_later(m->attempt, 0, reason_of(m, code));
}

/* transfer */

static void server_set(CURL *easy, const struct outgoing_server *server)
{
	curl_easy_setopt(easy, CURLOPT_URL, server->url);
	if (server->user) {
		curl_easy_setopt(easy, CURLOPT_USERNAME, server->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, server->password ? server->password : "");
	}
	if (server->tls == MAIL_TLS_STARTTLS)
		curl_easy_setopt(easy, CURLOPT_USE_SSL,
			(long)(server->may_be_plain ? CURLUSESSL_TRY : CURLUSESSL_ALL));
	if (server->is_tenants) {
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	}
}

static void bounds_set(CURL *easy, const struct attempt *a)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (*a->outgoing->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, a->outgoing->ca_file);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)SILENCE_S);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)a->settings->mail.mail_timeout_s);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
}

static void content_set(CURL *easy, struct mail *m, const char *from, const char *to)
{
	struct arena *arena = m->attempt->service.arena;

	m->to = curl_slist_append(NULL, arena_printf(arena, "<%s>", to));
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, arena_printf(arena, "<%s>", from));
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, m->to);
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)m->message.n);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(easy, CURLOPT_READDATA, m);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_answer);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, m);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, m->error);
}

static void mail_end(void *arg)
{
	struct mail *m = arg;

	curl_slist_free_all(m->to);
	buf_wipe(&m->message);
	buf_finish(&m->message);
}

static void hand_over(struct mail *m, const struct outgoing_server *server, const char *to)
{
	struct attempt *a = m->attempt;
	CURL *easy = curl_easy_init();

	if (!easy) {
		attempt_later(a, 0, "There is no memory for it.");
		return;
	}
	m->host = server->host;
	server_set(easy, server);
	bounds_set(easy, a);
	content_set(easy, m, server->from_address, to);
	if (server->is_tenants) {
		m->guard = (struct guard){ .private_places = a->outgoing->private_places,
			.host = server->host };
		guard_install(&m->guard, easy);
	}
	transfers_add(a->transfers, easy, on_done, m);
}

static bool compose(struct mail *m, const struct outgoing_server *server, enum language language,
	const char *to)
{
	struct attempt *a = m->attempt;
	struct mail_text text;
	const char *at = strrchr(server->from_address, '@');

	if (!mail_text_make(a->shared->mail_templates, a->job.kind, language, &m->facts,
		    server->signature, a->service.arena, &text))
		return false;
	mail_message_write(&m->message, &(struct mail_message){ .from_name = server->from_name,
						.from_address = server->from_address,
						.to = to,
						.subject = text.subject,
						.mark = a->job.mark,
						.domain = *a->job.domain ? a->job.domain : at + 1,
						.language = language_tags[language],
						.date_us = clock_wall_us(),
						.text = text.text,
						.html = text.html });
	return !m->message.overflow;
}

/* server */

static struct outgoing_server of_site(const struct attempt *a)
{
	const struct mail_settings *s = &a->settings->mail;
	struct arena *arena = a->service.arena;
	struct str rest = str_from(s->server), host = str_split(&rest, ':');

	return (struct outgoing_server){ .url = arena_printf(arena, "%s://%s",
						 s->mail_tls == MAIL_TLS_DIRECT ? "smtps" : "smtp",
						 s->server),
		.host = *s->server == '[' ? arena_strdup(arena, s->server)
					  : arena_strndup(arena, host.p, host.n),
		.user = *s->user ? s->user : NULL,
		.from_address = s->from_address,
		.from_name = s->from_name,
		.tls = (enum mail_tls)s->mail_tls };
}

static enum err of_space(
	struct attempt *a, const struct email_server *e, struct outgoing_server *ret)
{
	bool direct = e->port == SMTPS_PORT;
	struct str plain = { NULL, 0 };
	enum err err = e->password_sealed.p
			       ? unseal(a->service.keys, e->password_sealed, email_password_context,
					 a->service.arena, &plain)
			       : ERR_OK;

	ret->url = arena_printf(
		a->service.arena, "%s://%s:%" PRId64, direct ? "smtps" : "smtp", e->host, e->port);
	ret->host = e->host;
	ret->user = e->username;
	ret->password = plain.p ? arena_strndup(a->service.arena, plain.p, plain.n) : NULL;
	ret->tls = direct ? MAIL_TLS_DIRECT : MAIL_TLS_STARTTLS;
	ret->is_tenants = true;
	ret->may_be_plain = str_list_has(a->outgoing->private_places, str_from(e->host));
	return err;
}

/* Where the space says nothing, what holds for the site. */
static enum err server_choose(
	struct attempt *a, const struct email_sender *sender, struct outgoing_server *ret)
{
	const char *file = a->settings->mail.mail_password_file;
	const struct email_server *e = &sender->server;

	*ret = of_site(a);
	if (e->from_address)
		ret->from_address = e->from_address;
	if (e->from_name)
		ret->from_name = e->from_name;
	ret->signature = e->signature;
	if (e->host)
		return of_space(a, e, ret);
	return !*file || text_input_first_line(file, a->service.arena, &ret->password)
		       ? ERR_OK
		       : ERR_UNAVAILABLE;
}

static bool is_address(const char *s)
{
	return s && !email_check(str_from(s));
}

static void prepare(struct mail *m, const struct email_sender *sender)
{
	struct attempt *a = m->attempt;
	const char *to = mail_fact(&m->facts, STR("email"));
	struct outgoing_server server;
	enum err e = server_choose(a, sender, &server);
	enum language language = facts_complete(&m->facts, sender->space_name, a->service.arena);

	if (e == ERR_GONE)
		attempt_later(a, 0, "No key opens the password of the space's mail server.");
	else if (e != ERR_OK)
		attempt_later(a, 0, "The file of the setting mail_password_file cannot be read.");
	else if (!is_address(to) || !is_address(server.from_address))
		attempt_give_up(a, "Its address, or that of the sender, is none.");
	else if (!compose(m, &server, language, to))
		attempt_give_up(a, "There are no words for this kind of mail, or too many.");
	else
		hand_over(m, &server, to);
}

static void start(struct attempt *a)
{
	struct mail *m = arena_alloc(a->service.arena, sizeof(*m));
	struct email_sender sender = { .space_name = "Dialtone" };
	enum err e =
		*a->job.domain ? email_sender_get(&a->service, a->job.domain, &sender) : ERR_OK;

	m->attempt = a;
	buf_init(&m->message, MAIL_MAX);
	arena_defer(a->service.arena, mail_end, m);
	facts_read(&m->facts, a->job.payload, a->service.arena);
	if (e == ERR_NOT_FOUND)
		attempt_give_up(a, "Its space is gone.");
	else if (e != ERR_OK)
		attempt_later(a, 0, "The database did not say who sends it.");
	else
		prepare(m, &sender);
}

struct test_payload {
	const char *email, *language;
};
static const struct field test_fields[] = {
	FIELD_TEXT(test_payload, email),
	FIELD_TEXT(test_payload, language),
	FIELDS_END,
};

static struct job test_job(struct arena *arena, const char *to)
{
	const struct test_payload payload = { to, "en" };

	return (struct job){ .kind = "mail.test",
		.payload = json_fields_text(
			arena, test_fields, &payload, READER_ANY, JOB_PAYLOAD_MAX) };
}

const struct backend mail_backend = {
	.name = "mail",
	.is_set_up = is_set_up,
	.limits = limits,
	.start = start,
	.test_to = email_check,
	.test_job = test_job,
};
