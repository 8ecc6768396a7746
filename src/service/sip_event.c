#include "service/sip_event.h"

#include "base/clock.h"

#define EVENT_MAX ((size_t)8 << 10)

struct json_writer *sip_event_begin(struct sip_event *e, const char *kind)
{
	int64_t now = clock_wall_us();

	buf_init(&e->text, EVENT_MAX);
	json_writer_init(&e->writer, &e->text);
	json_object_begin(&e->writer);
	json_pair(&e->writer, "ev", kind);
	json_key(&e->writer, "ts");
	json_int(&e->writer, now / CLOCK_SECOND_US);
	json_key(&e->writer, "us");
	json_int(&e->writer, now % CLOCK_SECOND_US);
	return &e->writer;
}

void sip_event_publish(struct service *s, struct sip_event *e)
{
	json_object_end(&e->writer);
	if (!e->text.overflow)
		s->sip_events.publish(s->sip_events.ctx, e->text.p);
	buf_finish(&e->text);
}
