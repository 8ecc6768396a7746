/* Prints docs/events.md, or with --asyncapi the AsyncAPI document; run by the build, not installed. */
#include <stdio.h>
#include <string.h>

#include "events/asyncapi.h"
#include "events/event_shape.h"

static const struct {
	enum event_speaker by;
	const char *title, *text;
} sections[] = {
	{ SPEAKER_CLIENT, "What clients say",
		"An event that is not among these is passed over. A `login` with other arguments\n"
		"is answered by `401`, another event, behind a login, by `bad_request`." },
	{ SPEAKER_RELAY, "What becomes of the connection", NULL },
	{ SPEAKER_SERVER, "What users, phones and administrators are told",
		"Told behind a login. Those that are told once are lost to a client that is not\n"
		"connected; of all others a client that comes back hears the newest, see\n"
		"[clients.md](clients.md#what-clients-can-rely-on)." },
	{ SPEAKER_PRODUCER, "What others publish",
		"Dialtone makes none of these itself. A PBX connector or a script may publish\n"
		"them, or any other name, in Redis (see [README](../README.md#hear-an-event));\n"
		"they are passed on as they come." },
};

static void print_array(const struct event_shape *e)
{
	struct buf text;
	struct json_writer w;

	buf_init(&text, ASYNCAPI_MAX);
	json_writer_init(&w, &text);
	json_array_begin(&w);
	json_text(&w, e->name);
	if (*e->example)
		event_shape_json(&w, e->example);
	json_array_end(&w);
	printf("`%.*s`", (int)text.n, text.p);
	buf_finish(&text);
}

static void print_event(const struct event_shape *e)
{
	printf("| `%s` | %s | %s | ", e->name, e->to, e->when);
	print_array(e);
	printf(" |\n");
}

static void print_page(void)
{
	printf("# Events\n\n"
	       "Every event of a client's Socket.IO connection: who says it, who hears it, and an "
	       "example.\nThe exact form of the arguments is in `/api/asyncapi.json` (AsyncAPI "
	       "3.0), "
	       "which is made of the\nsame rows as this page. How to connect and log in is in "
	       "[clients.md](clients.md).\n");
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		printf("\n## %s\n\n", sections[i].title);
		if (sections[i].text)
			printf("%s\n\n", sections[i].text);
		printf("| event | heard by | what it is | example |\n|---|---|---|---|\n");
		for (const struct event_shape *e = event_shapes; e->name; e++)
			if (e->by == sections[i].by)
				print_event(e);
	}
}

int main(int argc, char **argv)
{
	struct buf text;

	if (argc < 2 || strcmp(argv[1], "--asyncapi") != 0) {
		print_page();
		return 0;
	}
	buf_init(&text, ASYNCAPI_MAX);
	asyncapi_write("0", &text);
	printf("%.*s\n", (int)text.n, text.p);
	buf_finish(&text);
	return 0;
}
