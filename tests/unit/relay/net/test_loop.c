#define _GNU_SOURCE
#include "relay/net/loop.h"

#include <unistd.h>

#include "base/clock.h"
#include "../../unit.h"

struct pipe_end {
	struct watch watch;
	struct loop *loop;
	struct pipe_end *other; /* unwatched by the callback */
	int calls;
};

static void on_ready(struct watch *w, uint32_t events)
{
	struct pipe_end *p = LIST_ENTRY(w, struct pipe_end, watch);

	(void)events;
	p->calls++;
	if (p->other)
		loop_unwatch(p->loop, &p->other->watch);
}

static void one_unwatched_by_its_neighbour_is_not_called_in_the_same_turn(void **state)
{
	struct loop *loop = loop_new(clock_ms);
	struct pipe_end a = { .loop = loop }, b = { .loop = loop };
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	int copy = dup(fds[0]);

	watch_init(&a.watch, on_ready);
	watch_init(&b.watch, on_ready);
	a.other = &b;
	b.other = &a;
	loop_watch(loop, &a.watch, fds[0], EPOLLIN);
	loop_watch(loop, &b.watch, copy, EPOLLIN);
	assert_int_equal(write(fds[1], "x", 1), 1);
	loop_turn(loop, 1000);
	assert_int_equal(a.calls + b.calls, 1);
	loop_unwatch(loop, &a.watch);
	loop_unwatch(loop, &b.watch);
	close(fds[0]);
	close(fds[1]);
	close(copy);
	loop_free(&loop);
}

static struct loop *stopped_by_deadline;

static void on_due(struct deadline *d, int64_t now_ms)
{
	assert_true(now_ms >= d->at_ms);
	loop_stop(stopped_by_deadline);
}

static void deadlines_wake_the_loop(void **state)
{
	struct loop *loop = stopped_by_deadline = loop_new(clock_ms);
	struct deadline_queue q;
	struct deadline d;

	(void)state;
	deadline_init(&d);
	deadline_queue_init(&q, on_due);
	loop_add_queue(loop, &q);
	deadline_set(&d, &q, loop_now(loop) + 5);
	loop_run(loop);
	assert_false(deadline_is_set(&d));
	loop_free(&loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_unwatched_by_its_neighbour_is_not_called_in_the_same_turn),
		cmocka_unit_test(deadlines_wake_the_loop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
