#include "permissions/relay_capability.h"

const char *const relay_capability_names[RELAY_CAPABILITY_COUNT] = {
#define X(name, text) [RELAY_CAPABILITY_##name] = text,
	RELAY_CAPABILITIES(X)
#undef X
};
