/*
 * What web clients ask for when their page opens and we have nothing of (cti-api 4.1, 4.2): the
 * smallest answer their page works with, and "not offered" for the rest.  Never 404: a 404 makes
 * one of them leave this API for good (cti-api 1.14).
 */
#include "http/ctx.h"
#include "service/caller.h"
#include "service/refusal.h"
#include "service/service.h"

#include "base/clock.h"
#include "base/json_schema.h"
#include "base/json_writer.h"

/* What stands in a path is not looked at yet: there is nothing to look it up in. */
struct query {
	const char *term, *type;
};

/* clang-format off */
#define WORD(name, text) \
	FIELD_TEXT(query, name, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .doc = text)
/* clang-format on */

static const struct field term_fields[] = { WORD(term, "Part of a name or number"), FIELDS_END };
static const struct field type_fields[] = { WORD(type, "all, inbox, old or an id"), FIELDS_END };

#define SHAPE_OF(name, as) \
	static const struct shape name##_shape = { as, name##_fields, sizeof(struct query) }
SHAPE_OF(term, "ContactQuery");
SHAPE_OF(type, "VoicemailQuery");

static enum err empty_object(struct ctx *c)
{
	json_raw(c->out, "{}");
	return ERR_OK;
}

static enum err empty_array(struct ctx *c)
{
	json_raw(c->out, "[]");
	return ERR_OK;
}

static enum err no_rows(struct ctx *c)
{
	json_raw(c->out, "{\"count\":0,\"rows\":[]}");
	return ERR_OK;
}

static enum err no_contacts(struct ctx *c)
{
	json_raw(c->out, "{\"count\":0,\"rows\":[],\"last_sync_at\":null}");
	return ERR_OK;
}

static enum err no_param_url(struct ctx *c)
{
	json_raw(c->out, "{\"url\":\"\",\"only_queues\":false}");
	return ERR_OK;
}

static enum err nothing(struct ctx *c)
{
	(void)c;
	return ERR_OK;
}

/* A client that asks whether there is something, a summary after each call say, is told that there is
 * nothing. */
static enum err not_offered(struct ctx *c)
{
	if (c->request->method == METHOD_HEAD) {
		c->reply.status = 204;
		return ERR_OK;
	}
	return refused(c->service, &not_implemented);
}

/* The host goes into the QR code of the mobile app; the rest keeps the page from stumbling. */
static enum err profiling(struct ctx *c)
{
	struct json_writer *w = c->out;

	json_object_begin(w);
	json_key(w, "hostname");
	json_text(w, c->public_host);
	json_key(w, "publichost");
	json_text(w, c->public_host);
	json_key(w, "tot_users");
	json_int(w, 0);
	json_key(w, "conn_clients");
	json_raw(w, "{\"ws_conn_clients\":0,\"tcp_conn_clients\":{\"tot\":0}}");
	json_key(w, "server_time");
	json_int(w, clock_wall_us() / 1000);
	json_key(w, "pid");
	json_int(w, 0);
	json_key(w, "uptime");
	json_text(w, "");
	json_key(w, "pkg_ver");
	json_raw(w, "{}");
	json_key(w, "node_ver");
	json_text(w, "");
	json_key(w, "proc_mem");
	json_raw(w, "{}");
	json_key(w, "db_stats");
	json_raw(w, "{}");
	json_object_end(w);
	return ERR_OK;
}

/* clang-format off */
#define EMPTY_ARRAY_SCHEMA "{\"type\":\"array\",\"items\":" SCHEMA_FREE ",\"maxItems\":0}"
#define ROWS_SCHEMA        SCHEMA_MEMBER("count", SCHEMA_INT) "," SCHEMA_MEMBER("rows", EMPTY_ARRAY_SCHEMA)
#define empty_object_SCHEMA "{\"type\":\"object\",\"maxProperties\":0}"
#define empty_array_SCHEMA  EMPTY_ARRAY_SCHEMA
#define no_rows_SCHEMA      SCHEMA_OBJECT(ROWS_SCHEMA)
#define no_contacts_SCHEMA  SCHEMA_OBJECT(ROWS_SCHEMA "," SCHEMA_MEMBER("last_sync_at", SCHEMA_NULL))
#define no_param_url_SCHEMA                                                                         \
	SCHEMA_OBJECT(SCHEMA_MEMBER("url", SCHEMA_TEXT) "," SCHEMA_MEMBER("only_queues", SCHEMA_FLAG))
#define profiling_SCHEMA                                                                            \
	SCHEMA_OBJECT(SCHEMA_MEMBER("hostname", SCHEMA_TEXT) "," SCHEMA_MEMBER("publichost", SCHEMA_TEXT) \
		"," SCHEMA_MEMBER("tot_users", SCHEMA_INT) "," SCHEMA_MEMBER("conn_clients", SCHEMA_FREE) \
		"," SCHEMA_MEMBER("server_time", SCHEMA_INT) "," SCHEMA_MEMBER("pid", SCHEMA_INT)   \
		"," SCHEMA_MEMBER("uptime", SCHEMA_TEXT) "," SCHEMA_MEMBER("pkg_ver", SCHEMA_FREE)  \
		"," SCHEMA_MEMBER("node_ver", SCHEMA_TEXT) "," SCHEMA_MEMBER("proc_mem", SCHEMA_FREE) \
		"," SCHEMA_MEMBER("db_stats", SCHEMA_FREE))
#define nothing_SCHEMA     NULL
#define not_offered_SCHEMA NULL

#define ROW_OF(verb, where, capability, function, text, kind, more, takes)                          \
	{                                                                                           \
		verb("/api/" where), .auth = AUTH_USER, .family = FAMILY_CTI, .tag = "CTI directory", \
		.open_to = OPEN_PROGRAM | OPEN_HMAC, .flags = more, .needs = capability,            \
		.in = takes, .untold = "nothing is changed", .result = kind, .schema = function##_SCHEMA, HANDLE_AS(function, #verb " " where), .summary = text  \
	}

#define ROW(verb, where, capability, function, text)                                                \
	ROW_OF(verb, where, capability, function, text, RESULT_JSON, 0, NULL)
#define QUERY(where, capability, function, text, takes)                                             \
	ROW_OF(GET, where, capability, function, text, RESULT_JSON, 0, takes)
#define ARRAY(verb, where, capability, function, text)                                              \
	ROW_OF(verb, where, capability, function, text, RESULT_ARRAY, 0, NULL)
#define HIDDEN(verb, where)                                                                         \
	ROW_OF(verb, where, NULL, not_offered, "Not offered", RESULT_NOTHING, ROW_HIDDEN, NULL)

/* Everything below that has no row of its own. */
#define NOT_OFFERED(where)                                                                          \
	HIDDEN(GET, where "/{rest*}"), HIDDEN(POST, where "/{rest*}"),                              \
	HIDDEN(PUT, where "/{rest*}"), HIDDEN(DELETE, where "/{rest*}")

const struct endpoint not_offered_endpoints[] = {
	ROW(GET, "user/paramurl", NULL, no_param_url, "Address of a web page opened for calls"),
	ARRAY(GET, "user/nethlink", NULL, empty_array, "When the desktop app was last seen"),
	ROW_OF(POST, "user/nethlink", NULL, nothing, "Sign of life of the desktop app", RESULT_NOTHING,
		0, NULL),
	ROW_OF(GET, "profiling/all", NULL, profiling, "Name and clock of the server", RESULT_JSON,
		ROW_TELLS_HOST, NULL),
	ROW(GET, "astproxy/feature_codes", NULL, empty_object, "Codes dialled for PBX functions"),
	ROW(GET, "astproxy/opgroups", "presence_panel", empty_object, "Groups of operators"),
	ROW(GET, "astproxy/queues", "queue_agent", empty_object, "State of all queues"),
	ROW(GET, "astproxy/qmanager_queues", "qmanager", empty_object, "Queues of a supervisor"),
	ROW(GET, "astproxy/parkings", "settings.parkings", empty_object, "State of parked calls"),
	ROW(GET, "astproxy/trunks", "presence_panel.trunks", empty_object, "State of trunks"),
	ARRAY(GET, "phonebook/speeddials", "phonebook", empty_array, "Speed dials of the caller"),
	ROW_OF(DELETE, "phonebook/speeddials", "phonebook", nothing,
		"Remove the speed dials of the caller, who has none", RESULT_NOTHING, 0, NULL),
	ROW(GET, "phonebook/search", "phonebook", no_contacts, "All contacts"),
	QUERY("phonebook/search/{term}", "phonebook", no_contacts, "Contacts with a text", &term_shape),
	ROW(GET, "phonebook/getall", "phonebook", no_contacts, "All contacts, older name"),
	QUERY("phonebook/getall/{term}", "phonebook", no_contacts, "Contacts, older name", &term_shape),
	ROW(GET, "streaming/sources", NULL, empty_object, "Door cameras"),
	ROW(GET, "custcard/list", "customer_card", empty_object, "Customer cards"),
	QUERY("voicemail/list/{type}", NULL, no_rows, "Voice messages of the caller", &type_shape),
	NOT_OFFERED("user"), NOT_OFFERED("profiling"), NOT_OFFERED("astproxy"),
	NOT_OFFERED("phonebook"), NOT_OFFERED("streaming"), NOT_OFFERED("custcard"),
	NOT_OFFERED("historycall"), NOT_OFFERED("histcallswitch"), NOT_OFFERED("histcallsgroups"),
	NOT_OFFERED("history"), NOT_OFFERED("voicemail"), NOT_OFFERED("summary"),
	NOT_OFFERED("transcripts"), NOT_OFFERED("videoconf"), NOT_OFFERED("offhour"),
	NOT_OFFERED("dbconn"), NOT_OFFERED("tancredi"), NOT_OFFERED("freepbx"),
	NOT_OFFERED("admin"), NOT_OFFERED("extensions"), NOT_OFFERED("authentication"),
	HIDDEN(GET, "chat"),
	ENDPOINTS_END,
};
/* clang-format on */
