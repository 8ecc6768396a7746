/* The rules' settings, from the configuration: the domain knows no configuration file. */
#ifndef DIALTONE_DOMAIN_SETTINGS_H
#define DIALTONE_DOMAIN_SETTINGS_H

#include "conf/settings.h"
#include "service/service.h"

/* Texts are those of s. */
struct rule_settings rule_settings_of(const struct api_settings *s);

#endif
