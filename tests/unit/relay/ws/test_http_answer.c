#include "relay/ws/http_answer.h"

#include "../../unit.h"

static void an_answer_has_a_length_and_says_whether_the_connection_ends(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	http_answer_put(&out, &(struct http_answer){ .status = 400,
				      .type = "application/json",
				      .body = STR("{}"),
				      .close = true });
	assert_str_equal(buf_str(&out),
		"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
		"Content-Length: 2\r\nConnection: close\r\n\r\n{}");
	buf_clear(&out);
	http_answer_put(
		&out, &(struct http_answer){ .status = 400, .body = STR("{}"), .no_body = true });
	assert_str_equal(buf_str(&out), "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n");
	buf_clear(&out);
	http_answer_put(
		&out, &(struct http_answer){ .status = 503, .headers = "Retry-After: 5\r\n" });
	assert_str_equal(buf_str(&out),
		"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\n\r\n");
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_has_a_length_and_says_whether_the_connection_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
