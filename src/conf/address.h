/* The parts that addresses in settings are made of. */
#ifndef DIALTONE_CONF_ADDRESS_H
#define DIALTONE_CONF_ADDRESS_H

#include <stdbool.h>

#include "base/str.h"

/* host:port or [v6]:port; the port may be left out where `bare`. */
bool authority_is_valid(struct str s, bool bare);
/* Absolute, and short enough for a unix socket. */
bool unix_path_is_valid(struct str s);

#endif
