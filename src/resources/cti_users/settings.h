/*
 * The settings clients keep for their user: JSON values by key (cti-api 4.2).
 */
#ifndef DIALTONE_RESOURCES_CTI_USERS_SETTINGS_H
#define DIALTONE_RESOURCES_CTI_USERS_SETTINGS_H

#include <stdint.h>

#include "service/service.h"

struct cti_setting_usage {
	int64_t keys;
	int64_t bytes; /* of keys and values, the avatar left out */
};

/* Adds or replaces the members of a JSON object, and tells what the user holds afterwards. */
MUST_CHECK enum err cti_setting_store_put(
	struct service *s, int64_t account_id, const char *object, struct cti_setting_usage *ret);
/* key NULL: all of them. None is no error. */
MUST_CHECK enum err cti_setting_store_delete(
	struct service *s, int64_t account_id, const char *key);

#endif
