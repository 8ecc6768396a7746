#include "daemon/watch.h"

bool watch_sees_hang(struct watch *w, uint64_t steps, int64_t now_ms, int64_t patience_ms)
{
	const int64_t since_ms = now_ms - w->looked_ms;
	const bool is_late = since_ms < 0 || since_ms > WATCH_LATE_MS;

	w->silent_ms = is_late || steps != w->steps ? 0 : w->silent_ms + since_ms;
	w->looked_ms = now_ms;
	w->steps = steps;
	return w->silent_ms > patience_ms;
}
