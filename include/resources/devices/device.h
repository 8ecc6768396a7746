/*
 * Devices that are registered at the SIP server with an account (accounts-api I.10, 13.3), as the registrar
 * of the setting of that name knows them; without one there are none.
 */
#ifndef DIALTONE_RESOURCES_DEVICES_DEVICE_H
#define DIALTONE_RESOURCES_DEVICES_DEVICE_H

#include "base/rows.h"
#include "resources/accounts/fields.h"
#include "resources/devices/fields.h"
#include "service/service.h"

/* Both wait for the registrar, in the waiting room: waiting_full.  One that is away, or answers nonsense, has no
 * devices; that is logged.  Of `a` the name and domain are looked at. */

/* *ret has devices, at most DEVICES_MAX, none twice. */
MUST_CHECK enum err device_list(struct service *s, const struct account *a, struct rows *ret);
/* Ends its registration, and tells so on sip:events. */
MUST_CHECK enum err device_remove(
	struct service *s, const struct account *a, const char *uuid, bool *ret_removed);

#endif
