#include "relay/eio/handshake.h"

#include "../../unit.h"

#define BOTH_VERSIONS (1U << EIO_VERSION_3 | 1U << EIO_VERSION_4)

static const struct eio_request good = {
	.transport = "websocket", .version = "4", .is_get = true, .asks_upgrade = true
};

static enum eio_refusal check(struct eio_request r)
{
	struct eio_opening opening;

	return eio_opening_check(&r, EIO_POLLING | EIO_WEBSOCKET, BOTH_VERSIONS, &opening);
}

static void a_websocket_and_a_polling_opening_are_accepted(void **state)
{
	struct eio_request polling = { .transport = "polling", .version = "3", .is_get = true };
	struct eio_opening opening;

	(void)state;
	assert_int_equal(
		eio_opening_check(&good, EIO_WEBSOCKET, BOTH_VERSIONS, &opening), EIO_ACCEPTED);
	assert_int_equal(opening.transport, EIO_WEBSOCKET);
	assert_int_equal(opening.version, EIO_VERSION_4);
	assert_int_equal(
		eio_opening_check(&polling, EIO_POLLING, BOTH_VERSIONS, &opening), EIO_ACCEPTED);
	assert_int_equal(opening.transport, EIO_POLLING);
	assert_int_equal(opening.version, EIO_VERSION_3);
}

static void refusals_come_in_the_documented_order(void **state)
{
	struct eio_request r = { .malformed = true };

	(void)state;
	assert_int_equal(check(r), EIO_TRANSPORT_UNKNOWN);
	r.transport = "flash";
	assert_int_equal(check(r), EIO_TRANSPORT_UNKNOWN);
	r.transport = "polling";
	assert_int_equal(check(r), EIO_BAD_VERSION);
	r.version = "44";
	assert_int_equal(check(r), EIO_BAD_VERSION);
	r.version = "4";
	assert_int_equal(check(r), EIO_BAD_METHOD);
	r.is_get = true;
	assert_int_equal(check(r), EIO_BAD_REQUEST);
	r.malformed = false;
	assert_int_equal(check(r), EIO_ACCEPTED);
	r.transport = "websocket";
	assert_int_equal(check(r), EIO_BAD_REQUEST);
}

static void a_transport_or_version_not_spoken_here_is_refused(void **state)
{
	struct eio_request polling = { .transport = "polling", .version = "4", .is_get = true };
	struct eio_opening opening;

	(void)state;
	assert_int_equal(eio_opening_check(&polling, EIO_WEBSOCKET, BOTH_VERSIONS, &opening),
		EIO_TRANSPORT_UNKNOWN);
	assert_int_equal(eio_opening_check(&good, EIO_WEBSOCKET, 1U << EIO_VERSION_3, &opening),
		EIO_BAD_VERSION);
}

static void refusals_have_the_protocols_bodies(void **state)
{
	static const struct {
		enum eio_refusal refusal;
		int status;
		const char *body;
	} all[] = {
		{ EIO_TRANSPORT_UNKNOWN, 400, "{\"code\":0,\"message\":\"Transport unknown\"}" },
		{ EIO_SID_UNKNOWN, 400, "{\"code\":1,\"message\":\"Session ID unknown\"}" },
		{ EIO_BAD_METHOD, 400, "{\"code\":2,\"message\":\"Bad handshake method\"}" },
		{ EIO_BAD_REQUEST, 400, "{\"code\":3,\"message\":\"Bad request\"}" },
		{ EIO_FORBIDDEN, 403, "{\"code\":4,\"message\":\"Forbidden\"}" },
		{ EIO_BAD_VERSION, 400,
			"{\"code\":5,\"message\":\"Unsupported protocol version\"}" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 200);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		buf_clear(&out);
		eio_refusal_put(&out, all[i].refusal);
		assert_str_equal(buf_str(&out), all[i].body);
		assert_int_equal(eio_refusal_status(all[i].refusal), all[i].status);
	}
	buf_finish(&out);
}

static void the_open_packet_has_exactly_the_five_keys(void **state)
{
	struct eio_settings settings = {
		.ping_interval_ms = 25000, .ping_timeout_ms = 20000, .max_payload = 65536
	};
	struct buf out;

	(void)state;
	buf_init(&out, 300);
	eio_open_put(&out, &settings, "aaXYZ", EIO_WEBSOCKET);
	assert_str_equal(buf_str(&out),
		"0{\"sid\":\"aaXYZ\",\"upgrades\":[],\"pingInterval\":25000,"
		"\"pingTimeout\":20000,\"maxPayload\":65536}");
	buf_clear(&out);
	eio_open_put(&out, &settings, "aaXYZ", EIO_POLLING);
	assert_str_equal(buf_str(&out),
		"0{\"sid\":\"aaXYZ\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
		"\"pingTimeout\":20000,\"maxPayload\":65536}");
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_websocket_and_a_polling_opening_are_accepted),
		cmocka_unit_test(refusals_come_in_the_documented_order),
		cmocka_unit_test(a_transport_or_version_not_spoken_here_is_refused),
		cmocka_unit_test(refusals_have_the_protocols_bodies),
		cmocka_unit_test(the_open_packet_has_exactly_the_five_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
