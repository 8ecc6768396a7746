#include "delivery/backend.h"

void attempt_done(struct attempt *a)
{
	a->ended(a, &(struct attempt_end){ .result = ATTEMPT_DONE });
}

void attempt_later(struct attempt *a, int64_t after_s, const char *reason)
{
	a->ended(a, &(struct attempt_end){ ATTEMPT_LATER, after_s, reason });
}

void attempt_give_up(struct attempt *a, const char *reason)
{
	a->ended(a, &(struct attempt_end){ ATTEMPT_GIVE_UP, 0, reason });
}
