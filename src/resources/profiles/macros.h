/*
 * The macros of a permission profile (cti-api 1.5) as a JSON document, and the capabilities they grant:
 *
 *   {"settings": {"value": true, "permissions": {"dnd": {"value": true, ...}, ...}}, ...}
 *
 * grants "settings" and "settings.dnd".  Documents are valid JSON in which no name is repeated and equal
 * strings are written alike: the edge sees to it.
 */
#ifndef DIALTONE_RESOURCES_PROFILES_MACROS_H
#define DIALTONE_RESOURCES_PROFILES_MACROS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* The document with the permissions of each macro by name: profile files keep them in arrays. What has
 * another form stays as it is, for macros_are_valid() to refuse. */
const char *macros_keyed(const char *json, struct arena *arena);
/* Whether it has the form above; names are 1 to 64 letters, digits, "-" and "_". */
bool macros_are_valid(const char *json);
struct capability_list {
	const char *const *names;
	size_t n;
};

/* What a valid document grants, sorted, in the arena: a permission counts where its macro is on, too. */
struct capability_list macros_capabilities(const char *json, struct arena *arena);

#endif
