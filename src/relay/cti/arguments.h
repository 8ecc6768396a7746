/* The arguments of a client's event. */
#ifndef DIALTONE_RELAY_CTI_ARGUMENTS_H
#define DIALTONE_RELAY_CTI_ARGUMENTS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* The first argument, when it is an object of at most max members. */
bool arguments_object(struct str args, size_t max_members, struct arena *arena, struct str *ret);
/* A text member of at most max bytes, unescaped into the arena. */
bool arguments_text(
	struct str object, const char *member, struct arena *arena, size_t max, struct str *ret);

#endif
