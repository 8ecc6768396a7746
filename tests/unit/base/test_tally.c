#include "base/tally.h"

#include "../unit.h"

static void add(struct tally *t, const char *name, const char *program)
{
	const struct str parts[] = { str_from(name), str_from(program) };

	tally_add(t, parts);
}

/* What write() was given last, and what it answers. */
struct written {
	enum err answer;
	size_t calls, n;
	int64_t first;
};

static enum err write_down(void *arg, const struct tally *t)
{
	struct written *w = arg;

	w->calls++;
	w->n = tally_size(t);
	w->first = tally_counts(t)[0];
	return w->answer;
}

static void the_same_key_is_counted_once(void **state)
{
	struct tally *t = tally_new(2, 8);

	(void)state;
	add(t, "alice", "phone");
	add(t, "alice", "phone");
	add(t, "alicep", "hone");
	assert_int_equal(tally_size(t), 2);
	assert_int_equal(tally_counts(t)[0], 2);
	assert_int_equal(tally_counts(t)[1], 1);
	assert_string_equal(tally_texts(t, 0)[1], "alicep");
	assert_string_equal(tally_texts(t, 1)[1], "hone");
	tally_free(&t);
	assert_null(t);
}

static void beyond_the_ceiling_only_known_keys_are_counted(void **state)
{
	struct tally *t = tally_new(2, 1);

	(void)state;
	add(t, "alice", "phone");
	add(t, "bob", "phone");
	add(t, "alice", "phone");
	assert_int_equal(tally_size(t), 1);
	assert_int_equal(tally_counts(t)[0], 2);
	tally_free(&t);
}

static void what_could_not_be_written_is_kept(void **state)
{
	struct written w = { .answer = ERR_UNAVAILABLE };
	struct tally *t = tally_new(2, 8);

	(void)state;
	tally_flush(t, write_down, &w, "tests");
	assert_int_equal(w.calls, 0);
	add(t, "alice", "phone");
	tally_flush(t, write_down, &w, "tests");
	add(t, "alice", "phone");
	w.answer = ERR_OK;
	tally_flush(t, write_down, &w, "tests");
	assert_int_equal(w.calls, 2);
	assert_int_equal(w.first, 2);
	tally_flush(t, write_down, &w, "tests");
	assert_int_equal(w.calls, 2);
	add(t, "alice", "phone");
	assert_int_equal(tally_counts(t)[0], 1);
	tally_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_key_is_counted_once),
		cmocka_unit_test(beyond_the_ceiling_only_known_keys_are_counted),
		cmocka_unit_test(what_could_not_be_written_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
