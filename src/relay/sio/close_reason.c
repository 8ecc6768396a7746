#include "relay/sio/close_reason.h"

const char *close_reason_word(enum close_reason why)
{
#define CLOSE_WORD(noun, word) [CLOSE_##noun] = word,
	static const char *const words[CLOSE_COUNT] = { [CLOSE_NONE] = "-",
		CLOSE_REASONS(CLOSE_WORD) };
#undef CLOSE_WORD

	return words[why];
}
