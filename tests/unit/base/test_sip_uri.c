#include "base/sip_uri.h"

#include "../unit.h"

static void what_rfc_3261_calls_one_is_one(void **state)
{
	static const char *const good[] = { "sip:uri", "sip:bob@sip.example.org", "SIPS:Bob@a.b",
		"sip:+39;phone-context=x@gw.example.org:5070;user=phone;lr",
		"sip:a:secret@10.0.0.1;transport=tls", "sip:[2001:db8::1]:5060;maddr=10.0.0.2",
		"sip:a%20b@host", "sip:a;b?c/d@host?subject=hi&to=x", "sip:host.",
		"sip:voicemail@sip.test;target=sip%3Aalice%40sip.test", "sip:h?a=", NULL };

	(void)state;
	for (size_t i = 0; good[i]; i++)
		assert_null(sip_uri_check(str_from(good[i])));
}

static void anything_else_is_none(void **state)
{
	static const char *const bad[] = { "", "sip:", "bob@sip.example.org", "tel:+39",
		"sip:@host", "sip:bob@", "sip:a@b@c", "sip:bob@ho st", "sip:bob@host\r\nTo: x",
		"sip:bob@<host>", "sip:bob@host\"", "<sip:bob@host>", "sip:bob@host:0",
		"sip:bob@host:65536", "sip:bob@host:", "sip:bob@[::1", "sip:bob@[10.0.0.1]",
		"sip:bob@[::1]x", "sip:a%2@host", "sip:bob@host;", "sip:bob@host;=x",
		"sip:bob@host;a=", "sip:bob@host?", "sip:bob@host?a", "sip:bob@-host",
		"sip:bob@h..t", "sip:b\xc3\xb6@host", "sip:.", "sip:a@host?x=a@b",
		"sip:a@host;x=\x01", NULL };

	(void)state;
	for (size_t i = 0; bad[i]; i++)
		assert_ptr_equal(sip_uri_check(str_from(bad[i])), &text_format);
	assert_ptr_equal(sip_uri_check((struct str){ "sip:a\0b@h", 9 }), &text_format);
	assert_ptr_equal(sip_uri_check((struct str){ "sip:[db8::\0]", 12 }), &text_format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_rfc_3261_calls_one_is_one),
		cmocka_unit_test(anything_else_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
