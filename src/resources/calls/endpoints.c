/* Calls that have ended (cti-api 4.2, "History"). */
#include "http/ctx.h"
#include "service/caller.h"
#include "service/refusal.h"

#include <string.h>

#include "base/json_writer.h"
#include "resources/calls/history.h"
#include "resources/cti_users/cti_user.h"
#include "resources/profiles/profile.h"

#define TEXT_MAX   255
#define WORD_MAX   32
#define OFFSET_MAX 1000000000
#define PAGE_SIZE  10

/* As GET /api/history/calls is asked. */
struct history_page {
	const char *call_type, *username, *artifact;
	int64_t page, page_size; /* page: from 1 */
	struct history_query q;
};

static const char *const directions[] = { "all", "in", "out", "internal", "lost", NULL };
static const char *const call_types[] = { "user", "extension", "switchboard", "group", "groups",
	NULL };
static const char *const artifacts[] = { "all", "summary", "transcription", "voicemail", NULL };

/* clang-format off */
/* What stands in a path, if only a blank, is no 404: a client would leave this API for good (cti-api 1.14). */
#define IN_PATH(m, text, like, ...) \
	FIELD_TEXT(history_query, m, .in = FIELD_IN_PATH, .doc = text, .example = like, __VA_ARGS__)
#define WORD(st, m, as, ...) \
	FIELD_TEXT_AS(st, m, as, .in = FIELD_IN_QUERY, .max = WORD_MAX, __VA_ARGS__)
#define NUMBER(st, m, as, ...) \
	FIELD_INT_AS(st, m, as, .in = FIELD_IN_QUERY, __VA_ARGS__)
#define DIRECTION(st, m, as, ...) \
	WORD(st, m, as, .one_of = directions, .doc = "Only such calls; lost: that came in vain", __VA_ARGS__)
#define SORT(st, m) WORD(st, m, "sort", .doc = "time desc or time asc", .example = "time desc")
#define DAYS \
	IN_PATH(from, "First day, YYYYMMDD", "20260101"), IN_PATH(to, "Last day, YYYYMMDD", "20260131")
#define TARGET \
	IN_PATH(type, "user or extension", "user"), IN_PATH(target, "User name or number", "alice", .flags = FIELD_NFC)
#define FILTER IN_PATH(filter, "Part of a name or number", "bob")
#define PART \
	SORT(history_query, sort),                                                                  \
	WORD(history_query, remove_lost, "removeLostCalls", .doc = "true: without calls that came in vain"), \
	NUMBER(history_query, limit, "limit", .min = 1, .max = HISTORY_LIMIT_MAX,                   \
		.doc = "So many of them, as many as there may be if absent"),                       \
	NUMBER(history_query, offset, "offset", .flags = FIELD_FROM_ZERO, .max = OFFSET_MAX, .doc = "Behind so many others")
#define OF_USER  DIRECTION(history_query, direction, "direction"), PART
#define OF_SPACE DIRECTION(history_query, direction, "type"), PART
/* clang-format on */

static const struct field user_fields[] = { TARGET, DAYS, OF_USER, FIELDS_END };
static const struct field user_filter_fields[] = { TARGET, DAYS, FILTER, OF_USER, FIELDS_END };
static const struct field whole_fields[] = { DAYS, OF_SPACE, FIELDS_END };
static const struct field whole_filter_fields[] = { DAYS, FILTER, OF_SPACE, FIELDS_END };
static const struct field page_fields[] = {
	WORD(history_page, call_type, "callType", .flags = FIELD_REQUIRED, .one_of = call_types,
		.doc = "Whose calls: of a user, an extension, the space or its groups"),
	FIELD_TEXT(history_page, username, .in = FIELD_IN_QUERY,
		.flags = FIELD_REQUIRED | FIELD_NFC, .max = TEXT_MAX,
		.doc = "Name of the user, or number of the extension", .example = "alice"),
	WORD(history_page, q.from, "from", .flags = FIELD_REQUIRED, .doc = "First day, YYYYMMDD",
		.example = "20260101"),
	WORD(history_page, q.to, "to", .flags = FIELD_REQUIRED, .doc = "Last day, YYYYMMDD",
		.example = "20260131"),
	DIRECTION(history_page, q.direction, "direction"),
	SORT(history_page, q.sort),
	FIELD_TEXT_AS(history_page, q.filter, "textSearch", .in = FIELD_IN_QUERY, .max = TEXT_MAX,
		.doc = "Part of a name or number"),
	WORD(history_page, artifact, "artifact", .one_of = artifacts,
		.doc = "Only calls with such a thing, which none has yet"),
	NUMBER(history_page, page, "pageNum", .min = 1, .max = OFFSET_MAX / HISTORY_LIMIT_MAX,
		.doc = "From 1"),
	NUMBER(history_page, page_size, "pageSize", .min = 1, .max = HISTORY_LIMIT_MAX,
		.doc = "Calls of a page, 10 if absent"),
	FIELDS_END,
};

#define SHAPE(name, as, st) \
	static const struct shape name##_shape = { as, name##_fields, sizeof(struct st) }
SHAPE(user, "HistoryQuery", history_query);
SHAPE(user_filter, "HistoryFilterQuery", history_query);
SHAPE(whole, "SpaceHistoryQuery", history_query);
SHAPE(whole_filter, "SpaceHistoryFilterQuery", history_query);
SHAPE(page, "HistoryPageQuery", history_page);

static enum err search(struct ctx *c, const struct history_query *q)
{
	const struct identity *who = &c->caller->identity;
	const struct profile_grants *grants = c->read[0];
	const struct cti_user *u = c->read[1];

	if (!grants || !u)
		return ERR_NOT_FOUND;
	const struct history_reader by = { .account_id = who->account_id,
		.username = who->username,
		.domain = who->domain,
		.main_extension = u->main_extension,
		.capabilities = grants->capabilities,
		.extensions = grants->extensions };

	return history_search(c->service, &by, q, c->out);
}

static enum err history_of_user(struct ctx *c)
{
	const struct history_query *q = c->in;

	return q->type && q->target ? search(c, q) : ERR_BAD_REQUEST;
}

static enum err history_of_space(struct ctx *c)
{
	return search(c, c->in);
}

static enum err history_of_groups(struct ctx *c)
{
	struct history_query q = *(const struct history_query *)c->in;

	q.groups = true;
	return search(c, &q);
}

static enum err history_page(struct ctx *c)
{
	const struct history_page *in = c->in;
	struct history_query q = in->q;
	int64_t page = in->page ? in->page : 1;

	q.groups = in->call_type[0] == 'g';
	if (!q.groups && strcmp(in->call_type, "switchboard") != 0) {
		q.type = in->call_type;
		q.target = in->username;
	}
	q.own_is_open = true;
	q.without_rows = in->artifact && strcmp(in->artifact, "all") != 0;
	q.limit = in->page_size ? in->page_size : PAGE_SIZE;
	q.offset = (page - 1) * q.limit;
	return search(c, &q);
}

static enum err history_statuses(struct ctx *c)
{
	json_raw(c->out, "{}");
	return ERR_OK;
}

#define CALLS                                                                               \
	.auth = AUTH_USER, .family = FAMILY_CTI, .tag = "CTI history", .exchanges = 2,      \
	.open_to = OPEN_PROGRAM | OPEN_HMAC, .reads = { &grants_of_caller, &cti_user_own }, \
	.invalid_as = &err_table[ERR_BAD_REQUEST].told, .errors = { ERR_BAD_REQUEST },      \
	.out = &history_shape
#define SEARCHED                                                                            \
	"Days are those of the setting `history_time_zone`. Of very many calls the newest " \
	"50,000 of these days are looked at."

const struct endpoint calls_endpoints[] = {
	{ GET("/api/historycall/interval/{type}/{target}/{from}/{to}"), CALLS, .needs = "cdr",
		.in = &user_shape, .refusals = { &capability_missing }, HANDLE(history_of_user),
		.summary = "List calls of a user or extension",
		.text = "Those of others with `cdr.ad_cdr`. " SEARCHED },
	{ GET("/api/historycall/interval/{type}/{target}/{from}/{to}/{filter}"), CALLS,
		.needs = "cdr", .in = &user_filter_shape, .refusals = { &capability_missing },
		HANDLE_AS(history_of_user, "history_of_user_with"),
		.summary = "List calls of a user or extension with a text",
		.text = "Those of others with `cdr.ad_cdr`. " SEARCHED },
	{ GET("/api/histcallswitch/interval/{from}/{to}"), CALLS, .needs = "cdr.ad_cdr",
		.in = &whole_shape, HANDLE(history_of_space),
		.summary = "List calls of the whole space", .text = SEARCHED },
	{ GET("/api/histcallswitch/interval/{from}/{to}/{filter}"), CALLS, .needs = "cdr.ad_cdr",
		.in = &whole_filter_shape, HANDLE_AS(history_of_space, "history_of_space_with"),
		.summary = "List calls of the whole space with a text", .text = SEARCHED },
	{ GET("/api/histcallsgroups/interval/{from}/{to}"), CALLS, .needs = "cdr.group_cdr",
		.in = &whole_shape, HANDLE(history_of_groups),
		.summary = "List calls of groups, of which there are none" },
	{ GET("/api/histcallsgroups/interval/{from}/{to}/{filter}"), CALLS,
		.needs = "cdr.group_cdr", .in = &whole_filter_shape,
		HANDLE_AS(history_of_groups, "history_of_groups_with"),
		.summary = "List calls of groups with a text" },
	{ GET("/api/history/calls"), CALLS, .in = &page_shape, .refusals = { &capability_missing },
		HANDLE(history_page), .summary = "Read a page of the history",
		.text = "One's own calls with `cdr`, all with `cdr.ad_cdr`. " SEARCHED },
	{ POST("/api/history/statuses"), .auth = AUTH_USER, .family = FAMILY_CTI,
		.tag = "CTI history", .open_to = OPEN_PROGRAM | OPEN_HMAC, .result = RESULT_JSON,
		.schema = "{\"type\":\"object\",\"maxProperties\":0}", HANDLE(history_statuses),
		.untold = "nothing is changed", .summary = "Ask which calls have a summary: none" },
	ENDPOINTS_END,
};
