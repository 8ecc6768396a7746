/*
 * What the API tells dialtone-pbx because the SIP server does not: it says nothing of what it is ordered to do
 * (sip-integration 3.2, 3.4).
 *
 *   struct sip_event event;
 *   struct json_writer *w = sip_event_begin(&event, "reg.removed");
 *
 *   json_pair(w, "aor", aor);
 *   sip_event_publish(s, &event);
 */
#ifndef DIALTONE_SERVICE_SIP_EVENT_H
#define DIALTONE_SERVICE_SIP_EVENT_H

#include "base/json_writer.h"
#include "service/service.h"

struct sip_event {
	struct buf text;
	struct json_writer writer;
};

/* Of that kind and of now; the members are the caller's to write. */
struct json_writer *sip_event_begin(struct sip_event *e, const char *kind);
/* One that is too long is not told: the listener finds it when it looks again. */
void sip_event_publish(struct service *s, struct sip_event *e);

#endif
