#include "outgoing/http_client.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "outgoing/guard.h"
#include "outgoing/transfers.h"

#define HEADERS_MAX 65536 /* bytes of an answer */
#define WHY_SIZE    (CURL_ERROR_SIZE + IP_ADDRESS_SIZE)

struct http_client {
	CURL *easy;
	const struct outgoing_settings *settings;
	char why[WHY_SIZE];
};

/* A call under way. */
struct exchange {
	struct guard guard;
	char error[CURL_ERROR_SIZE];
	struct buf body;
	size_t header_bytes;
	CURLU *url;
	char *host;
	struct curl_slist *headers;
};

struct http_client *http_client_new(const struct outgoing_settings *settings)
{
	struct http_client *c = mem_alloc(sizeof(*c));

	c->settings = settings;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		c->easy = curl_easy_init();
	if (!c->easy)
		http_client_free(&c);
	return c;
}

void http_client_free(struct http_client **c)
{
	if (!*c)
		return;
	curl_easy_cleanup((*c)->easy);
	free(*c);
	*c = NULL;
}

const char *http_client_why(const struct http_client *c)
{
	return c->why;
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct exchange *t = arg;

	(void)p;
	t->header_bytes += size * n;
	return t->header_bytes <= HEADERS_MAX ? size * n : 0;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct exchange *t = arg;

	buf_add(&t->body, p, size * n);
	return t->body.overflow ? 0 : size * n;
}

static bool has_line_end(const char *text)
{
	return strpbrk(text, "\r\n") != NULL;
}

static bool add_header(struct exchange *t, const char *line)
{
	struct curl_slist *longer = has_line_end(line) ? NULL : curl_slist_append(t->headers, line);

	if (longer)
		t->headers = longer;
	return longer != NULL;
}

static bool add_headers(struct exchange *t, const char *const *lines)
{
	if (!add_header(t, "Expect:")) /* no waiting for a server that does not know it */
		return false;
	for (; lines && *lines; lines++)
		if (!add_header(t, *lines))
			return false;
	return true;
}

/* What libcurl makes of it is what it goes by: there is no second reading. */
static bool read_url(struct exchange *t, const char *url)
{
	char *scheme = NULL;
	bool is_good = false;

	t->url = curl_url();
	if (!t->url || curl_url_set(t->url, CURLUPART_URL, url, CURLU_DISALLOW_USER) != CURLUE_OK)
		return false;
	if (curl_url_get(t->url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK)
		is_good = strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0;
	t->guard.is_plain = is_good && strcmp(scheme, "http") == 0;
	curl_free(scheme);
	return is_good && curl_url_get(t->url, CURLUPART_HOST, &t->host, 0) == CURLUE_OK;
}

static bool exchange_begin(
	struct exchange *t, const struct outgoing_settings *settings, const struct http_call *call)
{
	*t = (struct exchange){ .guard = { .private_places = settings->private_places } };
	buf_init(&t->body, call->answer_max ? call->answer_max : HTTP_ANSWER_MAX);
	if (!read_url(t, call->url))
		return false;
	t->guard.host = t->host;
	return add_headers(t, call->headers);
}

static void exchange_end(void *arg)
{
	struct exchange *t = arg;

	curl_slist_free_all(t->headers);
	curl_free(t->host);
	curl_url_cleanup(t->url);
	buf_wipe(&t->body); /* it may be a token */
	buf_finish(&t->body);
}

static void set_call(CURL *easy, struct exchange *t, const struct http_call *call)
{
	long ms = call->timeout_ms ? (long)call->timeout_ms : HTTP_CALL_TIMEOUT_MS;

	curl_easy_setopt(easy, CURLOPT_CURLU, t->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, ms);
	curl_easy_setopt(
		easy, CURLOPT_CONNECTTIMEOUT_MS, ms < HTTP_CONNECT_MS ? ms : HTTP_CONNECT_MS);
	if (!call->body.p)
		return;
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.n);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body.p);
}

static void set_common(CURL *easy, struct exchange *t, const struct outgoing_settings *settings)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "dialtone");
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
	if (settings->ca_file[0])
		curl_easy_setopt(easy, CURLOPT_CAINFO, settings->ca_file);
	guard_install(&t->guard, easy);
}

static enum err error_of(const struct exchange *t, CURLcode code)
{
	if (t->guard.refused[0] && code == CURLE_COULDNT_CONNECT)
		return ERR_FORBIDDEN;
	if (t->body.overflow || t->header_bytes > HEADERS_MAX)
		return ERR_LIMIT;
	switch (code) {
	case CURLE_OK:
		return ERR_OK;
	case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9 */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_WRITE_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return ERR_PROTOCOL;
	default:
		return ERR_UNAVAILABLE;
	}
}

static const char no_call[] = "its URL or a header is none";

/* error_of() in words. */
static enum err tell(const struct exchange *t, CURLcode code, char why[WHY_SIZE])
{
	enum err e = error_of(t, code);

	if (e == ERR_FORBIDDEN)
		snprintf(why, WHY_SIZE, "%s is not to be reached (setting outgoing_private)",
			t->guard.refused);
	else if (e == ERR_LIMIT)
		snprintf(why, WHY_SIZE, "the answer is too large");
	else if (e != ERR_OK)
		snprintf(why, WHY_SIZE, "%s", t->error[0] ? t->error : curl_easy_strerror(code));
	return e;
}

static struct http_answer answer_of(CURL *easy, const struct exchange *t, struct arena *arena)
{
	struct str body = buf_str(&t->body);
	long status = 0;
	curl_off_t seconds = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
	return (struct http_answer){ .status = (int)status,
		.body = { arena_strndup(arena, body.n ? body.p : "", body.n), body.n },
		.retry_after_s = seconds };
}

static void set_all(CURL *easy, struct exchange *t, const struct outgoing_settings *settings,
	const struct http_call *call)
{
	set_common(easy, t, settings);
	set_call(easy, t, call);
}

enum err http_client_send(struct http_client *c, const struct http_call *call, struct arena *arena,
	struct http_answer *ret)
{
	struct exchange t;
	enum err e = ERR_INVALID;

	c->why[0] = '\0';
	if (exchange_begin(&t, c->settings, call)) {
		set_all(c->easy, &t, c->settings, call);
		e = tell(&t, curl_easy_perform(c->easy), c->why);
	} else {
		snprintf(c->why, sizeof(c->why), "%s", no_call);
	}
	if (e == ERR_OK)
		*ret = answer_of(c->easy, &t, arena);
	curl_easy_reset(c->easy); /* keeps the connections, forgets the rest */
	exchange_end(&t);
	return e;
}

/* An exchange beside others. */
struct started {
	struct exchange exchange;
	struct arena *arena;
	http_done_fn *done;
	void *arg;
};

static void on_done(void *arg, CURL *easy, CURLcode code)
{
	struct started *s = arg;
	struct http_answer answer = { 0 };
	char why[WHY_SIZE] = "";
	enum err e = tell(&s->exchange, code, why);

	if (e == ERR_OK)
		answer = answer_of(easy, &s->exchange, s->arena);
	s->done(s->arg, e, &answer, why);
}

void http_start(struct transfers *transfers, const struct outgoing_settings *settings,
	const struct http_call *call, struct arena *arena, http_done_fn *done, void *arg)
{
	struct started *s = arena_alloc(arena, sizeof(*s));
	bool is_call = exchange_begin(&s->exchange, settings, call);
	CURL *easy = is_call ? curl_easy_init() : NULL;

	s->arena = arena;
	s->done = done;
	s->arg = arg;
	arena_defer(arena, exchange_end, &s->exchange);
	if (!easy) {
		done(arg, is_call ? ERR_UNAVAILABLE : ERR_INVALID, &(struct http_answer){ 0 },
			is_call ? curl_easy_strerror(CURLE_OUT_OF_MEMORY) : no_call);
		return;
	}
	set_all(easy, &s->exchange, settings, call);
	transfers_add(transfers, easy, on_done, s);
}
