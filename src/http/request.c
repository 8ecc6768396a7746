#include "http/request.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/encode.h"
#include "base/origin.h"
#include "base/utf8.h"
#include "http/header.h"
#include "http/params.h"

static const char *const method_names[METHOD_COUNT] = {
	[METHOD_OTHER] = "OTHER",
	[METHOD_GET] = "GET",
	[METHOD_HEAD] = "HEAD",
	[METHOD_POST] = "POST",
	[METHOD_PUT] = "PUT",
	[METHOD_PATCH] = "PATCH",
	[METHOD_DELETE] = "DELETE",
	[METHOD_OPTIONS] = "OPTIONS",
};

/* What nginx says besides the headers, and what we make something of. */
struct raw {
	struct str host, server_name, id, scheme, https, internal, linphone_provisioning;
};

/* The names of nginx's parameters, with their lengths: each one that comes is looked up. */
#define NAME(literal)                           \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}
static const struct {
	struct str name;
	size_t offset;
} raw_params[] = {
	{ NAME("HTTP_HOST"), offsetof(struct raw, host) },
	{ NAME("SERVER_NAME"), offsetof(struct raw, server_name) },
	{ NAME("REQUEST_ID"), offsetof(struct raw, id) },
	{ NAME("REQUEST_SCHEME"), offsetof(struct raw, scheme) },
	{ NAME("HTTPS"), offsetof(struct raw, https) },
	{ NAME("DIALTONE_INTERNAL"), offsetof(struct raw, internal) },
	{ NAME("HTTP_X_LINPHONE_PROVISIONING"), offsetof(struct raw, linphone_provisioning) },
}, request_params[] = {
	{ NAME("REQUEST_METHOD"), offsetof(struct request, method_name) },
	{ NAME("REQUEST_URI"), offsetof(struct request, target) },
	{ NAME("REMOTE_ADDR"), offsetof(struct request, remote_addr) },
	{ NAME("CONTENT_LENGTH"), offsetof(struct request, content_length) },
	{ NAME("CONTENT_TYPE"), offsetof(struct request, content_type) },
	{ NAME("SSL_CLIENT_VERIFY"), offsetof(struct request, certificate_verified) },
	{ NAME("SSL_CLIENT_S_DN"), offsetof(struct request, certificate_subject) },
	{ NAME("HTTP_CONTENT_ENCODING"), offsetof(struct request, content_encoding) },
	{ NAME("HTTP_AUTHORIZATION"), offsetof(struct request, authorization) },
	{ NAME("HTTP_X_API_KEY"), offsetof(struct request, api_key) },
	{ NAME("HTTP_COOKIE"), offsetof(struct request, cookie) },
	{ NAME("HTTP_FROM"), offsetof(struct request, from) },
	{ NAME("HTTP_ACCEPT"), offsetof(struct request, accept) },
	{ NAME("HTTP_ACCEPT_LANGUAGE"), offsetof(struct request, accept_language) },
	{ NAME("HTTP_USER_AGENT"), offsetof(struct request, user_agent) },
	{ NAME("HTTP_ORIGIN"), offsetof(struct request, origin) },
	{ NAME("HTTP_SEC_FETCH_SITE"), offsetof(struct request, sec_fetch_site) },
	{ NAME("HTTP_AUTH_EXP"), offsetof(struct request, auth_exp) },
	{ NAME("HTTP_ACCESS_CONTROL_REQUEST_METHOD"), offsetof(struct request, preflight_method) },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct str *member(void *object, size_t offset)
{
	return (struct str *)(void *)((char *)object + offset);
}

static struct str *find_member(struct request *r, struct raw *raw, struct str name)
{
	for (size_t i = 0; i < COUNT(request_params); i++)
		if (str_eq(name, request_params[i].name))
			return member(r, request_params[i].offset);
	for (size_t i = 0; i < COUNT(raw_params); i++)
		if (str_eq(name, raw_params[i].name))
			return member(raw, raw_params[i].offset);
	return NULL;
}

static bool is_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return utf8_is_valid(s.p, s.n);
}

static void clear_absent(struct request *r, struct raw *raw)
{
	for (size_t i = 0; i < COUNT(request_params); i++)
		if (!member(r, request_params[i].offset)->p)
			*member(r, request_params[i].offset) = STR("");
	for (size_t i = 0; i < COUNT(raw_params); i++)
		if (!member(raw, raw_params[i].offset)->p)
			*member(raw, raw_params[i].offset) = STR("");
}

static void read_params(struct request *r, struct raw *raw, const char *const *envp)
{
	for (; *envp; envp++) {
		struct str value = str_from(*envp), name = str_split(&value, '=');
		struct str *to = find_member(r, raw, name);

		if (!to || to->p || !value.p)
			continue;
		/* The target has rules, and an answer, of its own. */
		*to = to == &r->target || is_clean(value) ? value : STR("");
	}
	r->linphone_provisioning = raw->linphone_provisioning.p != NULL;
	clear_absent(r, raw);
}

static enum method find_method(struct str name)
{
	enum method m = METHOD_COUNT;

	while (--m > METHOD_OTHER)
		if (str_is(name, method_names[m]))
			break;
	return m;
}

static const char *normal_host(struct arena *a, struct str s)
{
	size_t n = s.n;

	while (n && s.p[n - 1] >= '0' && s.p[n - 1] <= '9')
		n--;
	if (n && s.p[n - 1] == ':')
		s.n = n - 1;
	if (s.n && s.p[s.n - 1] == '.')
		s.n--;
	char *host = arena_strndup(a, s.p, s.n);

	str_lower(host);
	return host;
}

static void set_id(struct request *r, struct str given)
{
	if (!request_id_is_acceptable(given)) {
		request_id_make(r->id);
		return;
	}
	memcpy(r->id, given.p, given.n);
	r->id[given.n] = '\0';
}

static enum err split_path(struct request *r)
{
	struct str rest = { r->path.p + 1, r->path.n - 1 };

	if (rest.n == 0)
		return ERR_OK;
	do {
		struct str raw = str_split(&rest, '/');

		if (!rest.p && raw.n == 0)
			break;
		if (r->segments == REQUEST_SEGMENTS_MAX)
			return ERR_NOT_FOUND;
		if (!percent_decode_text(r->arena, raw, 0, &r->segment[r->segments]))
			return ERR_BAD_REQUEST;
		r->segments++;
	} while (rest.p);
	return ERR_OK;
}

static enum err read_target(struct request *r)
{
	struct str rest = r->target;

	r->path = str_split(&rest, '?');
	r->query = rest.p ? rest : STR("");
	if (r->path.n == 0 || r->path.p[0] != '/' || !is_clean(r->target))
		return ERR_BAD_REQUEST;
	return split_path(r);
}

void request_init(struct request *r, struct arena *a, const char *const *envp, body_read_fn read,
	void *source)
{
	struct raw raw = { 0 };

	*r = (struct request){ .arena = a, .read = read, .source = source };
	read_params(r, &raw, envp);
	r->method = find_method(r->method_name);
	r->authority = raw.host.n ? raw.host : raw.server_name;
	r->host = normal_host(a, r->authority);
	r->secure = str_is(raw.scheme, "https") || str_case_is(raw.https, "on");
	r->internal = str_is(raw.internal, "1");
	r->language = language_choose(r->accept_language);
	set_id(r, raw.id);
	r->fault = read_target(r);
}

bool request_is_from_own_origin(const struct request *r)
{
	return origin_is_own(r->origin, r->authority, r->secure ? STR("https") : STR("http"));
}

bool request_is_cross_origin(const struct request *r)
{
	if (r->origin.n && !request_is_from_own_origin(r))
		return true;
	return r->sec_fetch_site.n && !str_is(r->sec_fetch_site, "same-origin") &&
	       !str_is(r->sec_fetch_site, "none");
}

const char *method_name(enum method m)
{
	return method_names[m];
}

static enum err read_body(struct request *r, size_t max)
{
	uint64_t length = 0;

	if (r->content_length.n && !str_to_uint(r->content_length, INT64_MAX, &length))
		return ERR_BAD_REQUEST;
	if (length > max)
		return ERR_TOO_LARGE;
	/* One byte more than promised is asked for, to see that it is not there. */
	char *p = arena_alloc(r->arena, length + 2);
	size_t n = r->read ? r->read(r->source, p, length + 1) : 0;

	if (n != length)
		return ERR_BAD_REQUEST;
	p[n] = '\0';
	r->body = (struct str){ p, n };
	return ERR_OK;
}

enum err request_body(struct request *r, size_t max, struct str *ret)
{
	enum err e = r->body_known ? ERR_OK : read_body(r, max);

	if (e != ERR_OK)
		return e;
	r->body_known = true;
	*ret = r->body;
	return ERR_OK;
}
