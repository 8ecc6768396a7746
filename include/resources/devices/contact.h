/*
 * A registration as Flexisip keeps it in Redis: one field of a hash, the device's unique id, and a SIP Contact with
 * all that the registrar knows of it (sip-integration 2.2).  It comes from another program, so it may be
 * anything.
 */
#ifndef DIALTONE_RESOURCES_DEVICES_CONTACT_H
#define DIALTONE_RESOURCES_DEVICES_CONTACT_H

#include "base/arena.h"
#include "resources/devices/fields.h"

/* False when it is none, or over at now_s (seconds since the epoch). Texts live in the arena. */
bool contact_parse(
	struct str field, struct str value, int64_t now_s, struct arena *arena, struct device *ret);
/* Fills app, version and device_name from user_agent, "App/1.2.3 (Device) ...". */
void device_complete(struct arena *arena, struct device *d);

#endif
