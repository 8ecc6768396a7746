#include "http/kept_rows.h"

#include "../unit.h"

static enum err handle(struct ctx *c)
{
	(void)c;
	return ERR_OK;
}

#define ROW(call, ...)                                                              \
	{                                                                           \
		call, HANDLE(handle), .tag = "Test", .summary = "Test", __VA_ARGS__ \
	}
#define PUBLIC .auth = AUTH_PUBLIC

struct secret_path {
	const char *token;
};
static const struct field secret_fields[] = {
	FIELD_TEXT(secret_path, token, .in = FIELD_IN_PATH, .flags = FIELD_SECRET),
	FIELDS_END,
};
static const struct shape secret_shape = { "Secret", secret_fields, sizeof(struct secret_path) };

static const struct endpoint rows[] = {
	ROW(GET("/api/calls"), PUBLIC),
	ROW(GET("/api/calls/{id}/notes.txt"), PUBLIC),
	ROW(GET("/api/calls/{id}/end"), PUBLIC, .flags = ROW_SIDE_EFFECT),
	ROW(GET("/api/calls/mine/{note}"), PUBLIC, .writes = true),
	ROW(GET("/api/calls/{id}/begin"), PUBLIC, .flags = ROW_ONCE),
	ROW(GET("/api/doors/{token}"), PUBLIC, .in = &secret_shape),
	ROW(GET("/internal/calls"), .auth = AUTH_INTERNAL),
	ROW(GET("/page"), PUBLIC),
	ROW(GET("/api/others/{rest*}"), PUBLIC),
	ROW(POST("/api/calls"), PUBLIC),
	ENDPOINTS_END,
};

#define ANY "(?:[\\w.~@:+-]++|%40|%3A|%2B)++"

static void only_gets_that_change_nothing_are_listed_and_what_looks_like_one_is_not(void **state)
{
	struct router *r = router_new();
	struct buf out, why;

	(void)state;
	buf_init(&out, 8192);
	buf_init(&why, 256);
	assert_true(router_add(r, rows, &why));
	kept_rows_write(r, &out);
	assert_non_null(
		strstr(buf_str(&out).p, "    default '';\n"
					"    \"~(?x) ^GET\\ \\ /(?:api|webrest)/(?:\n"
					"        calls/mine/" ANY "\n"
					"    )$\" '';\n"
					"    \"~(?x) ^GET\\ \\ /(?:api|webrest)/(?:\n"
					"        calls\n"
					"      | calls/" ANY "/notes\\.txt\n"
					"    )$\" 1;\n"
					"}\n"
					"# GET rows that are sent once, on a fresh connection:\n"
					"#   /api/calls/{id}/end\n"
					"#   /api/calls/mine/{note}\n"
					"#   /api/calls/{id}/begin\n"
					"#   /api/doors/{token}\n"
					"#   /internal/calls\n"
					"#   /page\n"
					"#   /api/others/{rest*}\n"));
	buf_finish(&out);
	buf_finish(&why);
	router_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			only_gets_that_change_nothing_are_listed_and_what_looks_like_one_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
