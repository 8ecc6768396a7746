#include "base/pace.h"

#define MICROS_PER_MILLI 1000

int64_t pace_take_or_wait(struct pace *r, const struct pace_limit *limit, int64_t now_ms)
{
	int64_t now_us = now_ms * MICROS_PER_MILLI;
	int64_t due_us = r->due_us > now_us ? r->due_us : now_us;
	int64_t early_us = due_us - now_us - (limit->burst - 1) * limit->interval_us;

	if (early_us > 0)
		return early_us;
	r->due_us = due_us + limit->interval_us;
	return 0;
}

bool pace_take(struct pace *r, const struct pace_limit *limit, int64_t now_ms)
{
	return pace_take_or_wait(r, limit, now_ms) == 0;
}

int64_t pace_charge(struct pace *r, const struct pace_limit *limit, int64_t now_ms)
{
	int64_t now_us = now_ms * MICROS_PER_MILLI, early_us;

	if (r->due_us < now_us)
		r->due_us = now_us;
	r->due_us += limit->interval_us;
	early_us = r->due_us - now_us - limit->burst * limit->interval_us;
	return early_us > 0 ? (early_us + MICROS_PER_MILLI - 1) / MICROS_PER_MILLI : 0;
}

bool pace_has_rested(const struct pace *r, int64_t now_ms)
{
	return r->due_us <= now_ms * MICROS_PER_MILLI;
}
