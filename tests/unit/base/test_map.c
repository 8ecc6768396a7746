#include "base/map.h"

#include <stdio.h>

#include "../unit.h"

static struct str key(char out[16], int i)
{
	return (struct str){ out, (size_t)snprintf(out, 16, "k%d", i) };
}

static void thousands_come_and_go(void **state)
{
	struct map *m = map_new();
	static int values[5000];
	char k[16];

	(void)state;
	for (int i = 0; i < 5000; i++)
		assert_null(map_put(m, key(k, i), &values[i]));
	assert_int_equal(map_count(m), 5000);
	for (int i = 0; i < 5000; i += 3)
		assert_ptr_equal(map_remove(m, key(k, i)), &values[i]);
	for (int i = 0; i < 5000; i++)
		assert_ptr_equal(map_get(m, key(k, i)), i % 3 ? &values[i] : NULL);
	map_free(&m);
	assert_null(m);
}

static void put_replaces_and_walk_sees_each_once(void **state)
{
	struct map *m = map_new();
	int one = 1, two = 2;
	size_t at = 0, seen = 0;
	struct str k;
	void *v;

	(void)state;
	map_put(m, STR("a"), &one);
	map_put(m, STR("b"), &one);
	assert_ptr_equal(map_put(m, STR("a"), &two), &one);
	assert_null(map_remove(m, STR("c")));
	while (map_next(m, &at, &k, &v)) {
		seen++;
		assert_ptr_equal(v, str_is(k, "a") ? &two : &one);
	}
	assert_int_equal(seen, 2);
	map_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thousands_come_and_go),
		cmocka_unit_test(put_replaces_and_walk_sees_each_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
