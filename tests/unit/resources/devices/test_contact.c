#include "resources/devices/contact.h"

#include <string.h>

#include "../../unit.h"
#include "base/clock.h"

#define UUID  "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
#define FIELD "\"<" UUID ">\""
#define NOW   1795300100

/* As Flexisip writes one. */
#define CONTACT(params, headers)                                                         \
	"<sip:alice@10.0.0.2:5061;transport=tls;callid=abc;" params ";cseq=20;alias=no;" \
	"usedAsRoute=no?path=%3Csip:p%3E&" headers ">;+sip.instance=\"<" UUID ">\";q=1"
#define LIVE "expires=3600;updatedAt=1795300000"

static bool parse(struct arena *a, const char *field, const char *value, struct device *ret)
{
	return contact_parse(str_from(field), str_from(value), NOW, a, ret);
}

static void a_registration_is_read(void **state)
{
	struct arena *a = arena_new(4096);
	struct device d;

	(void)state;
	assert_true(parse(a, FIELD,
		CONTACT(LIVE, "user-agent=LinphoneAndroid%2F6.0.0%20(Pixel%206)%20Sdk%2F5.4"), &d));
	assert_string_equal(d.uuid, UUID);
	assert_string_equal(d.contact, "sip:alice@10.0.0.2:5061");
	assert_true(d.update_time == 1795300000 * CLOCK_SECOND_US);
	assert_string_equal(d.user_agent, "LinphoneAndroid/6.0.0 (Pixel 6) Sdk/5.4");
	assert_string_equal(d.app, "LinphoneAndroid");
	assert_string_equal(d.version, "6.0.0");
	assert_string_equal(d.device_name, "Pixel 6");
	arena_free(&a);
}

static void what_says_no_more_is_a_whole_name(void **state)
{
	static const char *const names[] = { "baresip v1.0.0 (x86_64/linux)", "Zoiper", "",
		"a/b(c)", "App/1.2", "App/1.2 (open" };
	struct arena *a = arena_new(4096);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct device d = { .user_agent = names[i] };

		device_complete(a, &d);
		assert_string_equal(d.app, names[i]);
		assert_string_equal(d.version, "");
		assert_string_equal(d.device_name, "");
	}
	arena_free(&a);
}

static void what_is_over_or_no_registration_is_none(void **state)
{
	static const struct {
		const char *field, *value;
	} none[] = { { FIELD, "" }, { FIELD, "garbage" }, { FIELD, "<" }, { FIELD, "<>" },
		{ FIELD, CONTACT("expires=100;updatedAt=1795300000", "x=y") },
		{ FIELD, CONTACT("expires=3600", "x=y") }, { FIELD, CONTACT("updatedAt=1", "x=y") },
		{ FIELD, CONTACT("expires=99999999999999999999;updatedAt=1795300000", "x=y") },
		{ FIELD, CONTACT("expires=-1;updatedAt=1795300000", "x=y") },
		{ FIELD, "<sip:a b@host;" LIVE "?a=b>" }, { FIELD, "<tel:1;" LIVE "?a=b>" },
		{ UUID, CONTACT(LIVE, "x=y") }, { "<" UUID ">", CONTACT(LIVE, "x=y") },
		{ "\"<>\"", CONTACT(LIVE, "x=y") }, { "\"<a b>\"", CONTACT(LIVE, "x=y") },
		{ "\"<", CONTACT(LIVE, "x=y") }, { "", CONTACT(LIVE, "x=y") } };
	struct arena *a = arena_new(4096);
	struct device d;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(parse(a, none[i].field, none[i].value, &d));
	arena_free(&a);
}

static void a_name_that_is_no_text_is_left_out(void **state)
{
	struct arena *a = arena_new(4096);
	struct device d;

	(void)state;
	assert_true(parse(a, FIELD, CONTACT(LIVE, "user-agent=%ff%00"), &d));
	assert_string_equal(d.user_agent, "");
	assert_true(parse(a, FIELD, CONTACT(LIVE, "user-agent"), &d));
	assert_string_equal(d.app, "");
	assert_true(parse(a, FIELD, "<sip:alice@host;" LIVE ">", &d));
	assert_string_equal(d.user_agent, "");
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_registration_is_read),
		cmocka_unit_test(what_says_no_more_is_a_whole_name),
		cmocka_unit_test(what_is_over_or_no_registration_is_none),
		cmocka_unit_test(a_name_that_is_no_text_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
