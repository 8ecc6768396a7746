#include "base/sample.h"

#define SILENCE_MS 1000

static void tell(struct sample *s, int64_t now_ms, uint64_t *ret_left_out)
{
	if (ret_left_out)
		*ret_left_out = s->left_out;
	s->next_ms = now_ms + (s->silence_ms ? s->silence_ms : SILENCE_MS);
	s->left_out = 0;
}

bool sample_take(struct sample *s, int64_t now_ms, uint64_t *ret_left_out)
{
	if (now_ms < s->next_ms) {
		s->left_out++;
		return false;
	}
	tell(s, now_ms, ret_left_out);
	return true;
}

bool sample_flush(struct sample *s, int64_t now_ms, uint64_t *ret_left_out)
{
	if (s->left_out == 0 || now_ms < s->next_ms)
		return false;
	tell(s, now_ms, ret_left_out);
	return true;
}
