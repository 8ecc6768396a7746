#include "events/asyncapi.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "events/event_shape.h"

#define KEY_SIZE 64

static const struct {
	const char *key, *action, *title, *summary;
} speakers[EVENT_SPEAKERS] = {
	[SPEAKER_CLIENT] = { "client", "receive", "Events of clients",
		"What a client may say. The first thing is `login`." },
	[SPEAKER_RELAY] = { "session", "send", "Events of the connection",
		"What becomes of the login, and what other clients say." },
	[SPEAKER_SERVER] = { "server", "send", "Events of users, calls and accounts",
		"What has changed, told behind a login to those it concerns." },
	[SPEAKER_PRODUCER] = { "producer", "send", "Events of others",
		"What a PBX connector or a script publishes in Redis: passed on as it comes. Any "
		"other name may come in the same way." },
};

void event_shape_json(struct json_writer *w, const char *json)
{
	const size_t from = w->out->n;

	json_raw(w, json);
	for (char *p = w->out->p + from; p < w->out->p + w->out->n; p++)
		if (*p == '\'')
			*p = '"';
}

/* "session.satellite_transcription": keys of the document have no slash. */
static const char *key_of(const struct event_shape *e, char key[KEY_SIZE])
{
	snprintf(key, KEY_SIZE, "%s.%s", speakers[e->by].key, e->name);
	for (char *p = key; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-", *p))
			*p = '_';
	return key;
}

static void reference(struct json_writer *w, const char *place, const char *key)
{
	char path[128];

	snprintf(path, sizeof(path), "#/%s/%s", place, key);
	json_object_begin(w);
	json_pair(w, "$ref", path);
	json_object_end(w);
}

static int arguments_of(const struct event_shape *e)
{
	int depth = 0, n = *e->arguments ? 1 : 0;

	for (const char *p = e->arguments; *p; p++) {
		depth += *p == '{' ? 1 : *p == '}' ? -1 : 0;
		n += *p == ',' && depth == 0;
	}
	return n;
}

/* The array of a Socket.IO event: its name, then its arguments. */
static void payload(struct json_writer *w, const struct event_shape *e)
{
	const int n = 1 + arguments_of(e);

	json_object_begin(w);
	json_pair(w, "type", "array");
	json_key(w, "minItems");
	json_int(w, n);
	json_key(w, "maxItems");
	json_int(w, n);
	json_key(w, "items");
	json_array_begin(w);
	json_object_begin(w);
	json_pair(w, "type", "string");
	json_pair(w, "const", e->name);
	json_object_end(w);
	if (*e->arguments)
		event_shape_json(w, e->arguments);
	json_array_end(w);
	json_key(w, "additionalItems");
	json_flag(w, false);
	json_object_end(w);
}

static void example(struct json_writer *w, const struct event_shape *e)
{
	json_array_begin(w);
	json_object_begin(w);
	json_key(w, "payload");
	json_array_begin(w);
	json_text(w, e->name);
	if (*e->example)
		event_shape_json(w, e->example);
	json_array_end(w);
	json_object_end(w);
	json_array_end(w);
}

static void message(struct json_writer *w, const struct event_shape *e)
{
	json_object_begin(w);
	json_pair(w, "name", e->name);
	json_pair(w, "title", e->name);
	json_pair(w, "description", e->when);
	json_pair(w, "x-heard-by", e->to);
	json_key(w, "payload");
	payload(w, e);
	json_key(w, "examples");
	example(w, e);
	json_object_end(w);
}

static void info_member(struct json_writer *w, const char *version)
{
	json_key(w, "info");
	json_object_begin(w);
	json_pair(w, "title", "Dialtone");
	json_pair(w, "version", version);
	json_pair(w, "description",
		"What is said over a client's Socket.IO connection. A payload is the array of a "
		"Socket.IO event: the name, then its arguments. The REST API is described in "
		"/api/openapi.json.");
	json_key(w, "license");
	json_raw(w, "{\"name\":\"GNU Affero General Public License 3.0 or later\"}");
	json_object_end(w);
}

static void channels_member(struct json_writer *w)
{
	char key[KEY_SIZE];

	json_key(w, "channels");
	json_object_begin(w);
	json_key(w, "socket");
	json_object_begin(w);
	json_pair(w, "address", "/");
	json_pair(w, "title", "The default namespace of Socket.IO");
	json_key(w, "messages");
	json_object_begin(w);
	for (const struct event_shape *e = event_shapes; e->name; e++) {
		json_key(w, key_of(e, key));
		reference(w, "components/messages", key);
	}
	json_object_end(w);
	json_key(w, "bindings");
	json_raw(w, "{\"ws\":{\"method\":\"GET\",\"query\":{\"type\":\"object\",\"properties\":{"
		    "\"EIO\":{\"type\":\"string\",\"enum\":[\"4\",\"3\"]},\"transport\":{\"type\":"
		    "\"string\",\"enum\":[\"websocket\",\"polling\"]}}}}}");
	json_object_end(w);
	json_object_end(w);
}

static void operation(struct json_writer *w, enum event_speaker by)
{
	char key[KEY_SIZE];

	json_key(w, speakers[by].key);
	json_object_begin(w);
	json_pair(w, "action", speakers[by].action);
	json_pair(w, "title", speakers[by].title);
	json_pair(w, "summary", speakers[by].summary);
	json_key(w, "channel");
	reference(w, "channels", "socket");
	json_key(w, "messages");
	json_array_begin(w);
	for (const struct event_shape *e = event_shapes; e->name; e++)
		if (e->by == by)
			reference(w, "channels/socket/messages", key_of(e, key));
	json_array_end(w);
	json_object_end(w);
}

static void components_member(struct json_writer *w)
{
	char key[KEY_SIZE];

	json_key(w, "components");
	json_object_begin(w);
	json_key(w, "messages");
	json_object_begin(w);
	for (const struct event_shape *e = event_shapes; e->name; e++) {
		json_key(w, key_of(e, key));
		message(w, e);
	}
	json_object_end(w);
	json_key(w, "schemas");
	json_object_begin(w);
	for (const struct event_part *p = event_parts; p->name; p++) {
		json_key(w, p->name);
		event_shape_json(w, p->schema);
	}
	json_object_end(w);
	json_object_end(w);
}

void asyncapi_write(const char *version, struct buf *out)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_begin(&w);
	json_pair(&w, "asyncapi", "3.0.0");
	info_member(&w, version);
	json_pair(&w, "defaultContentType", "application/json");
	json_key(&w, "servers");
	json_raw(&w,
		"{\"site\":{\"host\":\"{host}\",\"pathname\":\"/api/ws/\",\"protocol\":\"wss\","
		"\"description\":\"Socket.IO 5 and 4 over Engine.IO 4 and 3. Old clients come to "
		"/socket.io/.\",\"variables\":{\"host\":{\"default\":\"pbx.example.org\","
		"\"description\":\"The host this document is read from: each space has its "
		"own.\"}}}}");
	channels_member(&w);
	json_key(&w, "operations");
	json_object_begin(&w);
	for (enum event_speaker by = 0; by < EVENT_SPEAKERS; by++)
		operation(&w, by);
	json_object_end(&w);
	components_member(&w);
	json_object_end(&w);
}
