/* A device that is registered at the SIP server (O-DEVICE, accounts-api section 4). Plain data. */
#ifndef DIALTONE_RESOURCES_DEVICES_FIELDS_H
#define DIALTONE_RESOURCES_DEVICES_FIELDS_H

#include "base/field.h"

#define DEVICE_UUID_MAX 128 /* characters */
#define DEVICE_UUID_SET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:._-"
#define DEVICE_TEXT_MAX 1024 /* bytes of what it says of itself */
#define DEVICES_MAX     100  /* of an account are shown */

struct device {
	const char *uuid;    /* "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6" */
	const char *contact; /* its SIP URI; not told */
	int64_t update_time;
	const char *user_agent, *app, *version, *device_name;
};
extern const struct field device_fields[];
extern const struct shape device_shape;

/* {uuid} of a path. */
struct device_path {
	const char *uuid;
};
extern const struct shape device_path_shape;

#endif
