#include "http/router.h"

#include <stdio.h>

#include "../unit.h"

static enum err handle(struct ctx *c)
{
	(void)c;
	return ERR_OK;
}

#define ROW(verb, where)                                                                           \
	{                                                                                          \
		verb(where), .auth = AUTH_PUBLIC, HANDLE(handle), .tag = "Test", .summary = "Test" \
	}

static const struct endpoint rows[] = {
	ROW(GET, "/api/calls/list"),
	ROW(GET, "/api/calls/{id}/notes"),
	ROW(GET, "/api/calls/{rest*}"),
	ROW(POST, "/api/calls/{rest*}"),
	ENDPOINTS_END,
};

/* Where a request ends up; NULL: nowhere. */
static const char *found(const char *method, const char *uri, enum err expected)
{
	char method_env[32], uri_env[128];
	const char *envp[] = { method_env, uri_env, NULL };
	struct arena *arena = arena_new(4096);
	struct router *r = router_new();
	const struct endpoint *row = NULL;
	struct params params;
	struct request req;
	struct buf why;

	snprintf(method_env, sizeof(method_env), "REQUEST_METHOD=%s", method);
	snprintf(uri_env, sizeof(uri_env), "REQUEST_URI=%s", uri);
	buf_init(&why, 256);
	assert_true(router_add(r, rows, &why));
	request_init(&req, arena, envp, NULL, NULL);
	params_init(&params, arena);
	assert_int_equal(router_find(r, &req, &params, &row), expected);
	buf_finish(&why);
	router_free(&r);
	arena_free(&arena);
	return row ? row->path : NULL;
}

static void a_row_of_its_own_wins_over_the_rest(void **state)
{
	(void)state;
	assert_string_equal(found("GET", "/api/calls/list", ERR_OK), "/api/calls/list");
	assert_string_equal(found("GET", "/api/calls/7/notes", ERR_OK), "/api/calls/{id}/notes");
}

static void everything_else_below_is_the_rest(void **state)
{
	static const char *const paths[] = { "/api/calls/x", "/api/calls/7/other",
		"/api/calls/a/b/c/d", "/api/calls/list/more", "/api/calls/7/notes/1" };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_string_equal(found("GET", paths[i], ERR_OK), "/api/calls/{rest*}");
		assert_string_equal(found("POST", paths[i], ERR_OK), "/api/calls/{rest*}");
	}
}

static void the_rest_is_not_what_it_hangs_on_and_not_beside_it(void **state)
{
	(void)state;
	assert_null(found("GET", "/api/calls", ERR_NOT_FOUND));
	assert_null(found("GET", "/api/others/x", ERR_NOT_FOUND));
}

static void methods_the_rest_does_not_have_are_not_allowed(void **state)
{
	(void)state;
	found("DELETE", "/api/calls/x/y", ERR_METHOD_NOT_ALLOWED);
	found("POST", "/api/calls/list", ERR_METHOD_NOT_ALLOWED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_of_its_own_wins_over_the_rest),
		cmocka_unit_test(everything_else_below_is_the_rest),
		cmocka_unit_test(the_rest_is_not_what_it_hangs_on_and_not_beside_it),
		cmocka_unit_test(methods_the_rest_does_not_have_are_not_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
