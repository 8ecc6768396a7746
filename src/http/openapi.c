#include "http/openapi.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/http_status.h"
#include "openapi_priv.h"

#define CORE_ERRORS_MAX 12
#define ROW_REFUSALS    3 /* a missing subject, and bad input as JSON and as fields */
#define TEXTS_MAX       1024

static void content_begin(struct json_writer *w, const char *media)
{
	json_key(w, "content");
	json_object_begin(w);
	json_key(w, media);
	json_object_begin(w);
	json_key(w, "schema");
}

static void content_end(struct json_writer *w)
{
	json_object_end(w);
	json_object_end(w);
}

static void request_body_member(struct json_writer *w, const struct endpoint *e)
{
	if (!e->in || !openapi_has_body(e))
		return;
	json_key(w, "requestBody");
	json_object_begin(w);
	json_key(w, "required");
	json_flag(w, true);
	content_begin(w, "application/json");
	openapi_reference(w, e->in->name);
	if (e->example) {
		json_key(w, "example");
		json_raw(w, e->example);
	}
	content_end(w);
	json_object_end(w);
}

static void parameter(struct json_writer *w, const struct field *f)
{
	bool in_path = f->in == FIELD_IN_PATH;

	json_object_begin(w);
	json_pair(w, "name", f->name);
	json_pair(w, "in", in_path ? "path" : "query");
	json_key(w, "required");
	json_flag(w, in_path || (f->flags & FIELD_REQUIRED));
	if (f->doc)
		json_pair(w, "description", f->doc);
	json_key(w, "schema");
	openapi_field(w, f, true);
	json_object_end(w);
}

static void parameters_of(struct json_writer *w, const struct field *fields)
{
	for (const struct field *f = fields; f && f->type; f++)
		if (f->in == FIELD_IN_PATH || f->in == FIELD_IN_QUERY)
			parameter(w, f);
}

static void parameters_member(struct json_writer *w, const struct endpoint *e)
{
	json_key(w, "parameters");
	json_array_begin(w);
	parameters_of(w, e->subject ? e->subject->path : NULL);
	parameters_of(w, e->in ? e->in->fields : NULL);
	json_array_end(w);
}

static void content(struct json_writer *w, const char *media, const char *schema)
{
	content_begin(w, media);
	json_raw(w, schema);
	content_end(w);
}

static void array_of(struct json_writer *w, const struct shape *item)
{
	json_object_begin(w);
	json_pair(w, "type", "array");
	json_key(w, "items");
	openapi_reference(w, item->name);
	json_object_end(w);
}

static void map_of(struct json_writer *w, const struct shape *value)
{
	json_object_begin(w);
	json_pair(w, "type", "object");
	json_key(w, "additionalProperties");
	openapi_reference(w, value->name);
	json_object_end(w);
}

static void page_of(struct json_writer *w, const struct shape *item)
{
	json_raw(w, "{\"allOf\":[{\"$ref\":\"#/components/schemas/Page\"},{\"properties\":");
	w->comma = false;
	json_object_begin(w);
	json_key(w, "data");
	array_of(w, item);
	json_object_end(w);
	buf_add_str(w->out, "}]}");
}

static void example_member(struct json_writer *w, const struct endpoint *e)
{
	enum result r = endpoint_result(e);

	if (r == RESULT_PAGE || r == RESULT_MAP || r == RESULT_JSON)
		return;
	json_key(w, "example");
	if (r == RESULT_LIST)
		json_array_begin(w);
	openapi_example(w, e->out, e->reader);
	if (r == RESULT_LIST)
		json_array_end(w);
}

static void shaped_content(struct json_writer *w, const struct endpoint *e)
{
	content_begin(w, "application/json");
	if (endpoint_result(e) == RESULT_PAGE)
		page_of(w, e->out);
	else if (endpoint_result(e) == RESULT_LIST)
		array_of(w, e->out);
	else if (endpoint_result(e) == RESULT_MAP)
		map_of(w, e->out);
	else
		openapi_reference(w, e->out->name);
	example_member(w, e);
	json_object_end(w);
	for (const char *const *image = e->images; image && *image; image++) {
		json_key(w, *image);
		json_raw(w, "{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}");
	}
	json_object_end(w);
}

static void success_content(struct json_writer *w, const struct endpoint *e)
{
	switch (endpoint_result(e)) {
	case RESULT_NOTHING:
		break;
	case RESULT_TEXT:
		content(w, e->media ? e->media : "text/plain", "{\"type\":\"string\"}");
		break;
	case RESULT_HTML:
		content(w, "text/html", "{\"type\":\"string\"}");
		break;
	case RESULT_BYTES:
		content(w, e->media, "{\"type\":\"string\"}");
		break;
	case RESULT_COUNT:
	case RESULT_COUNT_IF_ANY:
		content(w, "application/json", "{\"type\":\"integer\"}");
		break;
	case RESULT_DICT:
		content(w, "application/json",
			"{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}");
		break;
	case RESULT_PAGE:
	case RESULT_LIST:
	case RESULT_MAP:
	case RESULT_UNSET:
	case RESULT_OBJECT:
	case RESULT_RAW:
	case RESULT_JSON:
	case RESULT_ARRAY:
		if (e->out)
			shaped_content(w, e);
		else
			content(w, "application/json", e->schema);
		break;
	}
}

/* The errors that follow from a row. */
static size_t core_errors_of(const struct endpoint *e, enum err *out)
{
	size_t n = 0;

	if (e->in)
		out[n++] = ERR_TOO_LARGE;
	if (e->in && openapi_has_body(e))
		out[n++] = ERR_UNSUPPORTED_TYPE;
	if (!(e->flags & ROW_ANY_HOST)) {
		out[n++] = ERR_NOT_FOUND;
		out[n++] = ERR_SPACE_EXPIRED;
	}
	if (e->auth >= AUTH_USER) {
		out[n++] = ERR_UNAUTHENTICATED;
		out[n++] = ERR_BLOCKED;
	}
	out[n++] = ERR_TOO_MANY;
	if (e->auth >= AUTH_ADMIN)
		out[n++] = ERR_FORBIDDEN;
	out[n++] = ERR_UNAVAILABLE;
	return n;
}

/* Everything an endpoint can refuse with: its own first, then what follows from its row. */
static size_t refusals_of(const struct endpoint *e, const struct refusal **out)
{
	enum err core[CORE_ERRORS_MAX];
	size_t n = 0, cores = core_errors_of(e, core);

	for (size_t i = 0; i < ENDPOINT_REFUSALS_MAX && e->refusals[i]; i++)
		out[n++] = e->refusals[i];
	for (size_t i = 0; i < ENDPOINT_ERRORS_MAX && e->errors[i]; i++)
		out[n++] = &err_table[e->errors[i]].told;
	if (e->missing_as)
		out[n++] = e->missing_as;
	if (e->in) {
		out[n++] = &err_table[ERR_BAD_JSON].told;
		out[n++] = e->invalid_as ? e->invalid_as : &err_table[ERR_INVALID].told;
	}
	for (size_t i = 0; i < cores; i++)
		out[n++] = &err_table[core[i]].told;
	return n;
}

static bool is_among(const struct refusal *const *all, size_t n, const struct refusal *r)
{
	while (n && all[n - 1] != r)
		n--;
	return n > 0;
}

static bool has_status(const struct refusal *const *all, size_t n, int status)
{
	while (n && all[n - 1]->status != status)
		n--;
	return n > 0;
}

/* Everything a status stands for here. */
static void texts_of_status(struct buf *out, const struct refusal *const *all, size_t n, int status)
{
	for (size_t i = 0; i < n; i++) {
		if (all[i]->status != status || is_among(all, i, all[i]))
			continue;
		if (out->n)
			buf_add_str(out, " / ");
		buf_add_str(out, all[i]->text);
	}
}

static void error_response(
	struct json_writer *w, const struct endpoint *e, int status, const char *texts)
{
	char key[16];

	snprintf(key, sizeof(key), "%d", status);
	json_key(w, key);
	json_object_begin(w);
	json_pair(w, "description", texts);
	content_begin(w, "application/json");
	openapi_reference(w, e->family == FAMILY_CTI ? "CtiError" : "Error");
	json_object_end(w);
	json_key(w, "application/problem+json");
	json_object_begin(w);
	json_key(w, "schema");
	openapi_reference(w, "Problem");
	json_object_end(w);
	if (endpoint_result(e) == RESULT_HTML) {
		json_key(w, "text/html");
		json_raw(w, "{\"schema\":{\"type\":\"string\"}}");
	}
	json_object_end(w);
	json_object_end(w);
}

static void error_responses(struct json_writer *w, const struct endpoint *e)
{
	const struct refusal
		*all[ENDPOINT_REFUSALS_MAX + ENDPOINT_ERRORS_MAX + CORE_ERRORS_MAX + ROW_REFUSALS];
	size_t n = refusals_of(e, all);
	struct buf texts;

	buf_init(&texts, TEXTS_MAX);
	for (size_t i = 0; i < n; i++) {
		if (has_status(all, i, all[i]->status) || all[i]->status == e->or_status)
			continue;
		buf_clear(&texts);
		texts_of_status(&texts, all, n, all[i]->status);
		error_response(w, e, all[i]->status, texts.p);
	}
	buf_finish(&texts);
}

static void success_response(struct json_writer *w, const struct endpoint *e, int status)
{
	char key[16];

	snprintf(key, sizeof(key), "%d", status);
	json_key(w, key);
	json_object_begin(w);
	bool may_be_empty = endpoint_result(e) == RESULT_COUNT_IF_ANY;

	json_pair(w, "description",
		may_be_empty    ? "Success; an empty body says that there was none"
		: status >= 400 ? http_status_reason(status)
				: "Success");
	if (may_be_empty) {
		json_key(w, "x-may-be-empty");
		json_flag(w, true);
	}
	success_content(w, e);
	json_object_end(w);
}

static void responses_member(struct json_writer *w, const struct endpoint *e)
{
	json_key(w, "responses");
	json_object_begin(w);
	success_response(w, e, e->status ? e->status : 200);
	if (e->or_status)
		success_response(w, e, e->or_status);
	error_responses(w, e);
	json_object_end(w);
}

static void security_member(struct json_writer *w, const struct endpoint *e)
{
	json_key(w, "security");
	if (e->auth == AUTH_PUBLIC)
		json_raw(w, "[]");
	else if (e->family == FAMILY_CTI)
		json_raw(w, "[{\"jwt\":[]}]");
	else if (e->flags & ROW_NO_COOKIE)
		json_raw(w, "[{\"apiKey\":[]},{\"jwt\":[]},{\"digest\":[]}]");
	else
		json_raw(w, "[{\"apiKey\":[]},{\"apiKeyCookie\":[]},{\"jwt\":[]},{\"digest\":[]}]");
}

/* Generators make names of functions from it: "GET chat" is get_chat. */
static void operation_id(struct json_writer *w, const char *name)
{
	char id[128];
	size_t n = 0;

	for (; *name && n < sizeof(id) - 1; name++) {
		if (isalnum((unsigned char)*name))
			id[n++] = (char)tolower((unsigned char)*name);
		else if (n && id[n - 1] != '_')
			id[n++] = '_';
	}
	id[n] = '\0';
	json_pair(w, "operationId", id);
}

/* Callers besides whole logins. */
static void open_to_member(struct json_writer *w, unsigned open_to)
{
	static const struct {
		enum open_to kind;
		const char *name;
	} kinds[] = { { OPEN_PENDING, "pending" }, { OPEN_ENROLMENT, "enrolment" },
		{ OPEN_PROGRAM, "program" }, { OPEN_HMAC, "hmac" }, { OPEN_PHONE, "phone" } };

	if (!open_to)
		return;
	json_key(w, "x-open-to");
	json_array_begin(w);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (open_to & kinds[i].kind)
			json_text(w, kinds[i].name);
	json_array_end(w);
}

/* What is to be known of it, and who may call. */
static void description_member(struct json_writer *w, const struct endpoint *e)
{
	static const char *const callers[AUTH_COUNT] = {
		[AUTH_PUBLIC] = "Needs no credentials.",
		[AUTH_USER] = "For every account.",
		[AUTH_ADMIN] = "For administrators, on the host of their space; for super "
			       "administrators on every host.",
		[AUTH_SUPER] = "For super administrators.",
	};
	struct buf text;

	buf_init(&text, TEXTS_MAX);
	buf_printf(&text, "%s%s%s", e->text ? e->text : "", e->text ? " " : "", callers[e->auth]);
	if (e->needs)
		buf_printf(&text, " The caller's profile has to allow `%s`.", e->needs);
	json_pair(w, "description", text.p);
	buf_finish(&text);
}

static void operation(struct json_writer *w, const struct endpoint *e)
{
	char method[16];

	snprintf(method, sizeof(method), "%s", method_name(e->method));
	str_lower(method);
	json_key(w, method);
	json_object_begin(w);
	json_key(w, "tags");
	json_array_begin(w);
	json_text(w, e->tag);
	json_array_end(w);
	operation_id(w, e->name);
	json_pair(w, "summary", e->summary);
	description_member(w, e);
	json_pair(w, "x-auth-level", auth_level_name(e->auth));
	if (e->needs)
		json_pair(w, "x-capability", e->needs);
	if (e->subject)
		json_pair(w, "x-subject", e->subject->name);
	if (e->exchanges) {
		json_key(w, "x-exchanges");
		json_int(w, e->exchanges);
	}
	if (endpoint_changes(e))
		json_pair(w, e->untold ? "x-untold" : "x-told", e->untold ? e->untold : e->name);
	open_to_member(w, e->open_to);
	security_member(w, e);
	parameters_member(w, e);
	request_body_member(w, e);
	responses_member(w, e);
	json_object_end(w);
}

static bool is_first_of_path(const struct router *r, const struct endpoint *e)
{
	const struct endpoint *other;
	size_t at = 0;

	while (router_next(r, &at, &other))
		if (strcmp(other->path, e->path) == 0)
			return other == e;
	return false;
}

static void paths_member(struct json_writer *w, const struct router *r)
{
	const struct endpoint *first, *e;

	json_key(w, "paths");
	json_object_begin(w);
	for (size_t i = 0; router_next(r, &i, &first);) {
		if (first->auth == AUTH_INTERNAL || first->flags & ROW_HIDDEN ||
			!is_first_of_path(r, first))
			continue;
		json_key(w, first->path);
		json_object_begin(w);
		for (size_t k = 0; router_next(r, &k, &e);)
			if (strcmp(e->path, first->path) == 0)
				operation(w, e);
		json_object_end(w);
	}
	json_object_end(w);
}

void openapi_write(const struct router *r, const char *version, struct buf *out)
{
	static const char schemes[] =
		"{\"apiKey\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"x-api-key\","
		"\"description\":\"A key of the account, from GET /api/accounts/me/api_key, or a "
		"service key of an administrator. It may be bound to an address.\"},"
		"\"apiKeyCookie\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"x-api-key\","
		"\"description\":\"The same in a cookie. Pages of other origins cannot use it, and "
		"a "
		"GET that changes something does not take it.\"},"
		"\"jwt\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\","
		"\"description\":\"A session token, from POST /api/login: Authorization: Bearer. "
		"With "
		"a second factor it opens everything once POST /api/2fa/verify-otp took a code.\"},"
		"\"digest\":{\"type\":\"http\",\"scheme\":\"digest\",\"description\":\"HTTP Digest "
		"(RFC "
		"7616, MD5 or SHA-256, qop auth) with the SIP password. The header From: "
		"sip:user@domain has to name the account, in the first request as well: the "
		"challenge of the 401 is made for it, and without it there is none.\"}}";
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_begin(&w);
	json_pair(&w, "openapi", "3.1.0");
	json_key(&w, "info");
	json_object_begin(&w);
	json_pair(&w, "title", "Dialtone");
	json_pair(&w, "version", version);
	json_pair(&w, "description",
		"SIP accounts and live call events. Errors also come as RFC 9457 "
		"problem documents to clients that accept application/problem+json. Texts follow "
		"Accept-Language (en, fr, it); statuses, keys and members never do.");
	json_key(&w, "license");
	json_raw(&w, "{\"name\":\"GNU Affero General Public License 3.0 or later\","
		     "\"identifier\":\"AGPL-3.0-or-later\"}");
	json_object_end(&w);
	json_key(&w, "servers");
	json_raw(&w, "[{\"url\":\"/\",\"description\":\"The host this document is read from: each "
		     "space has its own\"}]");
	paths_member(&w, r);
	json_key(&w, "components");
	json_object_begin(&w);
	openapi_schemas(&w, r);
	json_key(&w, "securitySchemes");
	json_raw(&w, schemes);
	json_object_end(&w);
	json_object_end(&w);
}
