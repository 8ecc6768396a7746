/* What the relay's parts are told, from the configuration: they know no configuration file. */
#ifndef DIALTONE_RELAYD_SETTINGS_H
#define DIALTONE_RELAYD_SETTINGS_H

#include "conf/settings.h"
#include "relay/link/link_host.h"

/* Texts are those of s. Raises the limit of descriptors as far as the system lets it; where that is
 * not enough for the connections that are wanted, it says so and allows fewer. */
struct link_settings link_settings_of(const struct relay_settings *s);

#endif
