#include "push_priv.h"

int64_t push_life_s(enum push_type type)
{
	static const int64_t lives[] = {
		[PUSH_BACKGROUND] = 600, [PUSH_MESSAGE] = 86400, [PUSH_CALL] = 90
	};

	return lives[type];
}

const char *push_text_key(enum push_type type)
{
	static const char *const keys[] = {
		[PUSH_BACKGROUND] = "", [PUSH_MESSAGE] = "IM_MSG", [PUSH_CALL] = "IC_MSG"
	};

	return keys[type];
}
