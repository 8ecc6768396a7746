/* Devices in the database, in the tables of Kamailio. */
#ifndef DIALTONE_RESOURCES_DEVICES_DEVICES_PRIV_H
#define DIALTONE_RESOURCES_DEVICES_DEVICES_PRIV_H

#include "resources/devices/device.h"

/* At most DEVICES_MAX, none twice; not completed. ERR_INTERNAL: its table is not there, or may not be read. */
MUST_CHECK enum err device_store_kamailio(
	struct service *s, const struct account *a, struct rows *ret);

#endif
