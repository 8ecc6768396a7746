#include "relay/ws/upgrade.h"

#include <stdio.h>

#include "../../unit.h"

static char text[512];

/* A good request in which one line is another one ("" leaves it out). */
static struct http_head head_with(const char *name, const char *line)
{
	static const char *const lines[][2] = {
		{ "request", "GET /api/ws/?EIO=4&transport=websocket HTTP/1.1\r\n" },
		{ "host", "Host: dial.example.org\r\n" },
		{ "connection", "Connection: Upgrade\r\n" },
		{ "upgrade", "Upgrade: websocket\r\n" },
		{ "key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" },
		{ "version", "Sec-WebSocket-Version: 13\r\n" },
	};
	struct http_head h;
	size_t n = 0, used;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s",
			strcmp(lines[i][0], name) == 0 ? line : lines[i][1]);
	snprintf(text + n, sizeof(text) - n, "\r\n");
	assert_int_equal(http_head_parse(str_from(text), &h, &used), ERR_OK);
	return h;
}

/* The example of RFC 6455, section 1.3. */
static void the_answer_proves_that_the_key_was_read(void **state)
{
	struct http_head h = head_with("", "");
	struct buf out;

	(void)state;
	buf_init(&out, 512);
	assert_true(upgrade_is_valid(&h));
	upgrade_answer_put(&out, &h, NULL);
	assert_str_equal(buf_str(&out),
		"HTTP/1.1 101 Switching Protocols\r\n"
		"Upgrade: websocket\r\n"
		"Connection: Upgrade\r\n"
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
	buf_finish(&out);
}

static void a_handshake_with_anything_missing_is_no_upgrade(void **state)
{
	static const char *const wrong[][2] = {
		{ "request", "POST / HTTP/1.1\r\n" },
		{ "request", "GET / HTTP/1.0\r\n" },
		{ "host", "" },
		{ "connection", "Connection: keep-alive\r\n" },
		{ "connection", "" },
		{ "upgrade", "Upgrade: h2c\r\n" },
		{ "upgrade", "" },
		{ "key", "" },
		{ "key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n" },
		{ "key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZSEh\r\n" },
		{ "key", "Sec-WebSocket-Key: ????????????????????????\r\n" },
		{ "version", "" },
		{ "version", "Sec-WebSocket-Version: 8\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct http_head h = head_with(wrong[i][0], wrong[i][1]);

		assert_false(upgrade_is_valid(&h));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_answer_proves_that_the_key_was_read),
		cmocka_unit_test(a_handshake_with_anything_missing_is_no_upgrade),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
