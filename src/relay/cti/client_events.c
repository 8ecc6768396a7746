#include "relay/cti/client_events.h"

#include "base/clock.h"
#include "relay/core/client.h"
#include "cti_priv.h"
#include "login.h"
#include "takeover.h"
#include "transcription.h"
#include "user_message.h"

static const struct pace_limit events_limit = { CLOCK_SECOND_US / 30, 60 };

static struct cti_client *client_of(const struct sio *s)
{
	return s->data;
}

static void on_connect(struct sio *s, unsigned nsp, struct str auth)
{
	struct cti *cti = s->kind->arg;

	(void)nsp;
	(void)auth;
	client_new(&cti->core, s);
}

static void on_login(struct sio *s, const struct sio_packet *p)
{
	login_begin(client_of(s), p->args);
}

static void on_ping(struct sio *s, const struct sio_packet *p)
{
	sio_ack(s, 0, p->id, STR(""));
}

static void on_takeover_ack(struct sio *s, const struct sio_packet *p)
{
	(void)p;
	takeover_on_ack(client_of(s));
}

static void on_message(struct sio *s, const struct sio_packet *p)
{
	user_message_send(client_of(s), p->args);
}

static void on_start_transcription(struct sio *s, const struct sio_packet *p)
{
	transcription_start(client_of(s), p->args);
}

static void on_stop_transcription(struct sio *s, const struct sio_packet *p)
{
	transcription_stop(client_of(s), p->args);
}

/* Unknown events are passed over. */
static const struct {
	const char *name; /* with its quotes */
	void (*fn)(struct sio *s, const struct sio_packet *p);
} events[] = {
	{ "\"login\"", on_login },
	{ "\"ping\"", on_ping },
	{ "\"takeOverAck\"", on_takeover_ack },
	{ "\"message\"", on_message },
	{ "\"start_transcription\"", on_start_transcription },
	{ "\"stop_transcription\"", on_stop_transcription },
};

static void on_event(struct sio *s, unsigned nsp, const struct sio_packet *p)
{
	struct cti_client *c = client_of(s);
	struct cti *cti = s->kind->arg;
	struct core_counters *counters = &cti->core.counters;

	(void)nsp;
	counters->client_events++;
	if (!c)
		return;
	if (!pace_take(&c->events, &events_limit, core_now(&cti->core))) {
		counters->client_events_dropped++;
		return;
	}
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (str_is(p->name, events[i].name))
			events[i].fn(s, p);
}

static void on_ack(struct sio *s, unsigned nsp, const struct sio_packet *p)
{
	(void)s;
	(void)nsp;
	(void)p;
}

static void on_leave(struct sio *s, unsigned nsp)
{
	(void)nsp;
	if (!client_of(s))
		return;
	session_line_close(client_of(s), &(struct sio_closing){ .why = CLOSE_CLIENT });
	client_free(client_of(s));
	sio_settled(s, false);
}

static void on_closing(struct sio *s, const struct sio_closing *closing)
{
	if (client_of(s))
		session_line_close(client_of(s), closing);
}

static void on_gone(struct sio *s)
{
	if (client_of(s))
		client_free(client_of(s));
}

static const char *const namespaces[] = { "/", NULL };

const struct sio_app cti_app = {
	.namespaces = namespaces,
	.events_connect = true,
	.on_connect = on_connect,
	.on_event = on_event,
	.on_ack = on_ack,
	.on_leave = on_leave,
	.on_closing = on_closing,
	.on_gone = on_gone,
};
