#include "base/syntax.h"

#include "../unit.h"

static void assert_all(const struct text *(*check)(struct str s), const struct text *want,
	const char *const *texts)
{
	for (; *texts; texts++)
		if (check(str_from(*texts)) != want)
			fail_msg("\"%s\" is not judged as it should be", *texts);
}

#define LIST_OF(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void an_email_address_is_a_dot_atom_at_a_domain(void **state)
{
	(void)state;
	assert_all(email_check, NULL,
		LIST_OF("a@b.org", "first.last+tag@sub.Example.org", "!#$%&'*+-/=?^_`{|}~@b.org"));
	assert_all(email_check, &text_email,
		LIST_OF("", "a", "a@", "@b.org", "a@b", ".a@b.org", "a.@b.org", "a..b@b.org",
			"a b@b.org", "a@b@c.org", "\"a\"@b.org", "a@[127.0.0.1]", "a@127.0.0.1",
			"a@-b.org", "a@b-.org", "a@b..org", "a@b.o", "\xc3\xa9@b.org",
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b.org"));
}

static void a_phone_number_is_e164_with_its_plus(void **state)
{
	static const char *const wrong[] = { "", "+", "3361234", "+336123", "+0361234",
		"+1234567890123456", "+33 61234", "+336123a" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(phone_is_valid(str_from(wrong[i])));
	assert_true(phone_is_valid(STR("+393331234567")));
	assert_true(phone_is_valid(STR("+123456789012345")));
	assert_true(phone_is_valid(STR("+3361234")));
}

static void a_domain_has_two_lower_case_labels_at_least(void **state)
{
	(void)state;
	assert_all(domain_check, NULL, LIST_OF("b.org", "sip.example.org", "a-b.example"));
	assert_all(domain_check, &text_format,
		LIST_OF("", "org", "B.org", "b.or1", "127.0.0.1", "b..org", "b.org.", ".b.org",
			"b_c.org", "b.org:80"));
}

static void an_address_is_one_alone(void **state)
{
	(void)state;
	assert_all(address_check, NULL, LIST_OF("127.0.0.1", "::1", "2001:db8::7"));
	assert_all(address_check, &text_format,
		LIST_OF("300.1.1.1", "192.0.2", "192.0.2.0/24", "[::1]", "fe80::1%eth0",
			"::ffff:192.0.2.7", "localhost",
			"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"));
}

static void a_host_may_also_be_a_label_or_an_address(void **state)
{
	(void)state;
	assert_all(host_check, NULL, LIST_OF("localhost", "127.0.0.1", "sip.example.org"));
	assert_all(host_check, &text_format,
		LIST_OF("", "Localhost", "localhost:80", "a..b", "[::1]", "-a"));
}

static void lower_case_means_no_ascii_capital(void **state)
{
	(void)state;
	assert_all(lowercase_check, NULL, LIST_OF("", "alice", "+33", "\xc3\x89"));
	assert_all(lowercase_check, &text_lowercase, LIST_OF("Alice", "alicE"));
}

static void a_key_has_marks_and_a_code_has_none(void **state)
{
	(void)state;
	assert_all(key_check, NULL, LIST_OF("phone", "open-door_2", "7"));
	assert_all(key_check, &text_format, LIST_OF("a b", "a.b", "\xc3\xa9", "a/b"));
	assert_all(code_check, NULL, LIST_OF("1a", "0"));
	assert_all(code_check, &text_format, LIST_OF("1-a", "#1", "*"));
	assert_all(key_check, &text_lowercase, LIST_OF("Phone"));
	assert_all(code_check, &text_lowercase, LIST_OF("1A"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_one_alone),
		cmocka_unit_test(an_email_address_is_a_dot_atom_at_a_domain),
		cmocka_unit_test(a_phone_number_is_e164_with_its_plus),
		cmocka_unit_test(a_domain_has_two_lower_case_labels_at_least),
		cmocka_unit_test(a_host_may_also_be_a_label_or_an_address),
		cmocka_unit_test(lower_case_means_no_ascii_capital),
		cmocka_unit_test(a_key_has_marks_and_a_code_has_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
