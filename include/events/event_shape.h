/*
 * What is said over a client's socket, event by event: its name, who says it, who hears it, when, and its
 * arguments.
 *
 * From the rows come the AsyncAPI document (asyncapi.h) and docs/events.md, and the tests hold what they hear against
 * them.  What writes an event is not here: event_kinds.c, dialtone-relay.
 */
#ifndef DIALTONE_EVENTS_EVENT_SHAPE_H
#define DIALTONE_EVENTS_EVENT_SHAPE_H

#include "base/json_writer.h"

enum event_speaker {
	SPEAKER_CLIENT, /* says it to the relay */
	SPEAKER_RELAY,  /* of the connection itself */
	SPEAKER_SERVER, /* what the API, dialtone-jobs and dialtone-pbx have to tell: event_kinds.c */
	SPEAKER_PRODUCER, /* a PBX connector or a script that publishes in Redis; passed on as it comes */
	EVENT_SPEAKERS
};

/* Schemas and examples are JSON with ' in the place of ", which no text of theirs contains. */
struct event_shape {
	const char *name; /* NULL ends the rows */
	enum event_speaker by;
	const char *to;        /* who hears it */
	const char *when;      /* a sentence or more */
	const char *arguments; /* their schemas, with commas between them; "" for none */
	const char *example;   /* the arguments, likewise */
};
extern const struct event_shape event_shapes[];

/* What several arguments are made of: a schema with a name. */
struct event_part {
	const char *name; /* NULL ends the rows */
	const char *schema;
};
extern const struct event_part event_parts[];

/* JSON with ' in the place of " becomes JSON. */
void event_shape_json(struct json_writer *w, const char *json);

#endif
