#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "crypto/service_token.h"
#include "gateways_priv.h"
#include "push_priv.h"

#define APPS_MAX   8 /* applications whose token is kept */
#define SCOPE      "https://www.googleapis.com/auth/firebase.messaging"
#define GRANT      "urn:ietf:params:oauth:grant-type:jwt-bearer"
#define ASSERTED_S 3600 /* a token that asks for an access token */
#define EARLY_S    300  /* an access token is not used in its last minutes */
#define TOKEN_MAX  4096

/* An application, by its pn_param; its access token as a header line. */
struct app {
	char *param, *authorization, *project;
	int64_t ends_ms; /* clock_ms() */
};

struct fcm {
	const struct push_settings *settings;
	struct app apps[APPS_MAX];
};

/* What stands in a service account file. */
struct service_account {
	const char *email, *key, *key_id, *project, *token_url;
};

static void ask_token(struct dialogue *d);

struct fcm *fcm_new(const struct push_settings *settings)
{
	struct fcm *f = mem_alloc(sizeof(*f));

	f->settings = settings;
	return f;
}

static void app_forget(struct app *a)
{
	mem_forget(&a->authorization);
	free(a->param);
	free(a->project);
	*a = (struct app){ 0 };
}

void fcm_free(struct fcm **f)
{
	if (!*f)
		return;
	for (size_t i = 0; i < APPS_MAX; i++)
		app_forget(&(*f)->apps[i]);
	free(*f);
	*f = NULL;
}

/* NULL: its token is not known, or has ended. */
static struct app *app_find(struct fcm *f, const char *param)
{
	for (size_t i = 0; i < APPS_MAX; i++)
		if (f->apps[i].param && strcmp(f->apps[i].param, param) == 0 &&
			f->apps[i].ends_ms > clock_ms())
			return &f->apps[i];
	return NULL;
}

/* In the place of what it was known by before, of an empty one, or of the one that ends first. */
static struct app *app_place(struct fcm *f, const char *param)
{
	struct app *place = f->apps;

	for (size_t i = 0; i < APPS_MAX; i++) {
		if (f->apps[i].param && strcmp(f->apps[i].param, param) == 0)
			return &f->apps[i];
		if (f->apps[i].ends_ms < place->ends_ms)
			place = &f->apps[i];
	}
	return place;
}

static struct app *app_keep(
	struct dialogue *d, const char *project, const char *token, int64_t seconds)
{
	const struct push_message *m = d->message;
	const char *line = arena_printf(d->arena, "authorization: Bearer %s", token);
	struct app *a = app_place(d->gateway, m->param);

	app_forget(a);
	a->param = mem_strndup(m->param, strlen(m->param));
	a->project = mem_strndup(project, strlen(project));
	a->authorization = mem_strndup(line, strlen(line));
	a->ends_ms = clock_ms() + (seconds > EARLY_S ? seconds - EARLY_S : 1) * 1000;
	return a;
}

/* A project is a word in a path. */
static bool is_word(const char *s)
{
	return *s && str_is_made_of(str_from(s),
			     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:._");
}

/* ERR_NOT_FOUND: that application is none of ours. */
static enum err account_read(struct dialogue *d, struct service_account *ret)
{
	const struct fcm *f = d->gateway;
	const struct push_message *m = d->message;
	const char *path =
		arena_printf(d->arena, "%s/%s.json", f->settings->fcm_directory, m->param);
	const char *text;
	enum err e =
		*f->settings->fcm_directory ? key_file_read(d->arena, path, &text) : ERR_NOT_FOUND;

	if (e != ERR_OK)
		return e;
	*ret = (struct service_account){
		json_member_text(d->arena, str_from(text), "client_email"),
		json_member_text(d->arena, str_from(text), "private_key"),
		json_member_text(d->arena, str_from(text), "private_key_id"),
		json_member_text(d->arena, str_from(text), "project_id"),
		json_member_text(d->arena, str_from(text), "token_uri"),
	};
	return ret->email && ret->key && ret->key_id && ret->project && is_word(ret->project) &&
			       ret->token_url
		       ? ERR_OK
		       : ERR_INVALID;
}

static const char *claims_of(struct arena *arena, const struct service_account *a)
{
	int64_t now = clock_wall_us() / CLOCK_SECOND_US;
	struct json_writer w;
	struct buf text;

	buf_init(&text, KEY_FILE_MAX);
	json_writer_init(&w, &text);
	json_object_begin(&w);
	json_pair(&w, "iss", a->email);
	json_pair(&w, "scope", SCOPE);
	json_pair(&w, "aud", a->token_url);
	json_key(&w, "iat");
	json_int(&w, now);
	json_key(&w, "exp");
	json_int(&w, now + ASSERTED_S);
	json_object_end(&w);
	return buf_to_arena(&text, arena);
}

/* Each value is a text, a JSON object too: that is what the service takes (sip-integration 5). */
static void put_data(struct json_writer *w, struct arena *arena, const struct push_message *m)
{
	char sent[CLOCK_SQL_SIZE];

	json_key(w, "data");
	json_object_begin(w);
	json_pair(w, "uuid", random_id(arena));
	json_pair(w, "from-uri", "");
	json_pair(w, "display-name", "");
	json_pair(w, "call-id", m->call_id ? m->call_id : "");
	json_pair(w, "sip-from", "");
	json_pair(w, "loc-key", push_text_key(m->type));
	json_pair(w, "loc-args", "");
	json_pair(w, "send-time", clock_sql(sent, clock_wall_us()));
	json_pair(w, "custom-payload", m->payload ? m->payload : "{}");
	json_object_end(w);
}

/* The whole of what the application gave is the device: Firebase's tokens have colons of their own. */
static const char *body_of(struct arena *arena, const struct push_message *m)
{
	struct json_writer w;
	struct buf body;

	buf_init(&body, PUSH_BODY_MAX);
	json_writer_init(&w, &body);
	json_object_begin(&w);
	json_key(&w, "message");
	json_object_begin(&w);
	json_pair(&w, "token", m->prid);
	json_key(&w, "android");
	json_object_begin(&w);
	json_pair(&w, "priority", "high");
	json_pair(&w, "ttl", arena_printf(arena, "%" PRId64 "s", push_life_s(m->type)));
	put_data(&w, arena, m);
	json_object_end(&w);
	json_object_end(&w);
	json_object_end(&w);
	return buf_to_arena(&body, arena);
}

/* google.rpc.Status with a google.firebase.fcm.v1.FcmError among its details. */
static bool is_unregistered(const struct http_answer *answer)
{
	return answer->status == 404 && strstr(answer->body.p, "\"UNREGISTERED\"");
}

static void on_sent(struct dialogue *d, const struct http_answer *answer)
{
	const struct push_message *m = d->message;
	struct app *a = app_find(d->gateway, m->param);

	if (answer->status == 200) {
		dialogue_done(d);
	} else if (answer->status == 401 && !d->renewed) {
		d->renewed = true;
		if (a)
			app_forget(a);
		ask_token(d);
	} else if (is_unregistered(answer)) {
		dialogue_never(d, "the device is not registered any more");
	} else {
		dialogue_refused(d, answer);
	}
}

static void ask_send(struct dialogue *d, const struct app *a)
{
	const struct fcm *f = d->gateway;
	const char *body = body_of(d->arena, d->message);
	const char **headers = arena_alloc(d->arena, 3 * sizeof(*headers));
	const struct http_call call = { .url = arena_printf(d->arena,
						"%s/v1/projects/%s/messages:send",
						f->settings->fcm_url, a->project),
		.headers = headers,
		.body = str_from(body) };

	headers[0] = arena_strdup(d->arena, a->authorization);
	headers[1] = "content-type: application/json";
	if (body)
		dialogue_ask(d, &call, on_sent);
	else
		dialogue_never(d, "the notification is too large");
}

static void on_token(struct dialogue *d, const struct http_answer *answer)
{
	const char *token = json_member_text(d->arena, answer->body, "access_token");
	struct service_account account;

	if (answer->status != 200)
		dialogue_later(d, answer->retry_after_s,
			arena_printf(d->arena, "the token server answers %d", answer->status));
	else if (!token || strlen(token) > TOKEN_MAX || strpbrk(token, "\r\n"))
		dialogue_later(d, 0, "the token server answers no token");
	else if (account_read(d, &account) != ERR_OK)
		dialogue_later(d, 0, "the service account file cannot be used");
	else
		ask_send(d, app_keep(d, account.project, token,
				    json_member_count(answer->body, "expires_in")));
}

static void ask_token(struct dialogue *d)
{
	static const char *const headers[] = { "content-type: application/x-www-form-urlencoded",
		NULL };
	struct service_account a;
	const char *assertion;

	enum err e = account_read(d, &a);

	if (e == ERR_NOT_FOUND) {
		dialogue_never(d, "there is no service account file for its application");
		return;
	}
	if (e != ERR_OK) {
		dialogue_later(d, 0, "the service account file cannot be used");
		return;
	}
	const struct service_token token = { SERVICE_TOKEN_RS256, a.key, a.key_id,
		claims_of(d->arena, &a) };

	if (!token.claims || service_token_make(&token, d->arena, &assertion) != ERR_OK) {
		dialogue_later(d, 0, "the key of the service account cannot be used");
		return;
	}
	const struct http_call call = { .url = a.token_url,
		.headers = headers,
		.body = str_from(
			arena_printf(d->arena, "grant_type=" GRANT "&assertion=%s", assertion)) };

	dialogue_ask(d, &call, on_token);
}

void fcm_begin(struct fcm *f, const struct push_message *m, struct dialogue *d)
{
	const struct app *a = app_find(f, m->param);

	d->gateway = f;
	d->message = m;
	if (a)
		ask_send(d, a);
	else
		ask_token(d);
}
