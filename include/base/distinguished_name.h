/*
 * The subject of a certificate as nginx tells it: a distinguished name in the text form of RFC 4514, such as
 * "CN=sip:alice@sip.example.org,O=Example".
 */
#ifndef DIALTONE_BASE_DISTINGUISHED_NAME_H
#define DIALTONE_BASE_DISTINGUISHED_NAME_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* The value of its one CN, wherever it stands, in the arena: UTF-8 without control characters.  False when it has
 * none or several, or is not well formed. */
bool distinguished_name_common_name(struct arena *a, struct str name, const char **ret);

#endif
