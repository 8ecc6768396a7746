/* The rules' settings, from the configuration: the domain knows no configuration file. */
#ifndef DIALTONE_DOMAIN_SETTINGS_H
#define DIALTONE_DOMAIN_SETTINGS_H

#include "conf/settings.h"
#include "domain/domain.h"

/* Texts are those of s. */
struct domain_settings domain_settings_of(const struct api_settings *s);

#endif
