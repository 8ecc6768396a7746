/* A device that is registered at the SIP server (O-DEVICE, accounts-api section 4). Plain data. */
#ifndef DIALTONE_RESOURCES_DEVICES_FIELDS_H
#define DIALTONE_RESOURCES_DEVICES_FIELDS_H

#include "base/field.h"

#define DEVICE_UUID_MAX 128 /* characters */

struct device {
	const char *uuid; /* "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6" */
	int64_t update_time;
	const char *user_agent, *app, *version, *device_name;
};
extern const struct shape device_shape;

/* {uuid} of a path. */
struct device_path {
	const char *uuid;
};
extern const struct shape device_path_shape;

#endif
