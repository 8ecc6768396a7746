/*
 * Devices that are registered at the SIP server with an account (accounts-api I.10, 13.3), as the registrar
 * of the setting of that name knows them; without one there are none.
 */
#ifndef DIALTONE_RESOURCES_DEVICES_DEVICE_H
#define DIALTONE_RESOURCES_DEVICES_DEVICE_H

#include "base/rows.h"
#include "resources/devices/fields.h"
#include "service/service.h"

/* *ret has devices. */
MUST_CHECK enum err device_list(struct service *s, struct rows *ret);

#endif
