/* Random lives of a process and of the one that watches it, a second long or a day; the time is a number. */
#include "daemon/watch.h"

#include "../noise.h"
#include "../unit.h"

#define PATIENCE_MS 35000
#define LOOKS       400
#define LIVES       2000

static bool sees(struct watch *w, uint64_t steps, int64_t now_ms)
{
	return watch_sees_hang(w, steps, now_ms, PATIENCE_MS);
}

/* When the one who looks is not late: at any time, often sooner than needed. */
static int64_t soon(void)
{
	return (int64_t)random_below(WATCH_LATE_MS + 1);
}

/* Whatever a clock or a debugger can do to the time between two looks. */
static int64_t any_time(void)
{
	switch (random_below(4)) {
	case 0:
		return soon();
	case 1:
		return WATCH_LATE_MS + 1 + (int64_t)random_below(UINT64_C(1) << 40);
	case 2:
		return -(int64_t)random_below(UINT64_C(1) << 40);
	default:
		return WATCH_EVERY_MS;
	}
}

static void one_that_makes_a_step_in_time_never_hangs(void **state)
{
	(void)state;
	for (uint64_t life = 1; life <= LIVES; life++) {
		noise_begin(life);
		struct watch w = { 0 };
		int64_t now = (int64_t)random_below(UINT64_C(1) << 40), stepped = now;
		uint64_t steps = random_below(3);

		for (int i = 0; i < LOOKS; i++) {
			now += soon();
			if (now - stepped > PATIENCE_MS - WATCH_LATE_MS || random_one_in(20)) {
				steps += 1 + random_below(3);
				stepped = now;
			}
			assert_false(sees(&w, steps, now));
		}
	}
}

static void one_that_makes_none_hangs_soon_after_its_time_and_not_before(void **state)
{
	(void)state;
	for (uint64_t life = 1; life <= LIVES; life++) {
		noise_begin(life);
		const uint64_t steps = random_below(UINT64_MAX);
		const int64_t from = WATCH_LATE_MS + 1 + (int64_t)random_below(UINT64_C(1) << 40);
		struct watch w = { 0 };
		int64_t now = from;

		assert_false(sees(&w, steps, now));
		do
			now += soon();
		while (!sees(&w, steps, now));
		assert_in_range(now - from, PATIENCE_MS + 1, PATIENCE_MS + WATCH_LATE_MS);
		assert_int_equal(w.silent_ms, now - from);
		assert_false(sees(&w, steps + 1, now));
	}
}

/* Suspended, paused, in a debugger, a clock that jumps: however often. */
static void what_passes_while_no_one_looks_is_nobodys_silence(void **state)
{
	(void)state;
	for (uint64_t life = 1; life <= LIVES; life++) {
		struct watch w = { 0 };
		int64_t now = 0, watched = 0;

		noise_begin(life);
		for (int i = 0; i < LOOKS; i++) {
			int64_t later = any_time();
			bool is_late = later < 0 || later > WATCH_LATE_MS;

			now += later;
			watched = is_late ? 0 : watched + later;
			assert_int_equal(sees(&w, 7, now), watched > PATIENCE_MS);
			if (is_late)
				assert_int_equal(w.silent_ms, 0);
		}
	}
}

static void all_have_their_time_again_when_the_watcher_was_late(void **state)
{
	struct watch w = { 0 };
	int64_t now = WATCH_LATE_MS + 1;

	(void)state;
	for (; now <= PATIENCE_MS + WATCH_LATE_MS; now += WATCH_EVERY_MS)
		assert_false(sees(&w, 7, now));
	now += WATCH_LATE_MS;
	for (int64_t from = now; now <= from + PATIENCE_MS; now += WATCH_EVERY_MS)
		assert_false(sees(&w, 7, now));
	assert_true(sees(&w, 7, now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_makes_a_step_in_time_never_hangs),
		cmocka_unit_test(one_that_makes_none_hangs_soon_after_its_time_and_not_before),
		cmocka_unit_test(what_passes_while_no_one_looks_is_nobodys_silence),
		cmocka_unit_test(all_have_their_time_again_when_the_watcher_was_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
