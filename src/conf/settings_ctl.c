#include "conf_priv.h"

static const struct setting rows[] = { SETTINGS_REDIS_LOGIN(ctl_settings, "dialtone-ctl"),
	SETTINGS_END };

const struct settings_table ctl_table = { "ctl", rows, sizeof(struct ctl_settings),
	"dialtonectl, the commands of administrators." };
