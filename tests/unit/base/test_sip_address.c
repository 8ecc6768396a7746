#include "base/sip_address.h"

#include "../arena.h"

static void assert_address(struct sip_address got, const char *user, const char *domain)
{
	assert_string_equal(got.user, user);
	if (domain)
		assert_string_equal(got.domain, domain);
	else
		assert_null(got.domain);
}

static void a_typed_name_is_lower_cased_and_cut_at_the_last_at(void **state)
{
	(void)state;
	assert_address(sip_address_from_name(arena, STR("Alice")), "alice", NULL);
	assert_address(sip_address_from_name(arena, STR("Alice@Sip.Example.Org")), "alice",
		"sip.example.org");
	assert_address(sip_address_from_name(arena, STR("a@b@c")), "a@b", "c");
	assert_address(sip_address_from_name(arena, STR("alice@")), "alice", "");
	assert_address(sip_address_from_name(arena, STR("@c")), "", "c");
	assert_address(sip_address_from_name(arena, STR("")), "", NULL);
}

static void a_name_without_a_domain_fits_every_domain(void **state)
{
	struct sip_address short_name = { "alice", NULL }, whole = { "alice", "a.org" },
			   empty = { "alice", "" };

	(void)state;
	assert_true(sip_address_is(&short_name, "alice", "a.org"));
	assert_false(sip_address_is(&short_name, "bob", "a.org"));
	assert_true(sip_address_is(&whole, "alice", "a.org"));
	assert_false(sip_address_is(&whole, "alice", "b.org"));
	assert_false(sip_address_is(&empty, "alice", "a.org"));
}

static void a_uri_is_cut_with_or_without_its_scheme(void **state)
{
	(void)state;
	assert_address(sip_address_from_uri(arena, STR("sip:Alice@A.org")), "Alice", "a.org");
	assert_address(sip_address_from_uri(arena, STR("sips:alice@a.org")), "alice", "a.org");
	assert_address(sip_address_from_uri(arena, STR("alice@a.org")), "alice", "a.org");
	assert_address(sip_address_from_uri(arena, STR("SIP:Alice@A.ORG")), "Alice", "a.org");
	assert_address(sip_address_from_uri(arena, STR("Sips:alice@a.org")), "alice", "a.org");
	assert_address(sip_address_from_uri(arena, STR("tel:alice@a.org")), "tel:alice", "a.org");
	assert_address(sip_address_from_uri(arena, STR("a@b@c")), "a", "b@c");
	assert_address(sip_address_from_uri(arena, STR("sip:alice")), "alice", NULL);
	assert_address(sip_address_from_uri(arena, STR("")), "", NULL);
}

static void assert_from(const char *header, const char *user, const char *domain)
{
	struct sip_address got;

	if (!sip_address_from_header(arena, str_from(header), &got))
		fail_msg("refused: %s", header);
	assert_string_equal(got.user, user);
	assert_string_equal(got.domain, domain);
}

static void from_names_a_user_and_a_domain(void **state)
{
	(void)state;
	assert_from("sip:bob@example.org", "bob", "example.org");
	assert_from("sip:bob@example.org;tag=1;a@b", "bob", "example.org");
	assert_from(" SIPS:%2B33612@example.org ", "+33612", "example.org");
	assert_from("SIP:Bob@EXAMPLE.Org", "Bob", "example.org");
	assert_from("sip%3Abob%40EXAMPLE.ORG", "bob", "example.org");
	assert_from("sip:bob@%45xample.org", "bob", "example.org");
	assert_from("<sip:bob@example.org;gr=x>;tag=1", "bob", "example.org");
	assert_from("Bob B <sip:bob@example.org>", "bob", "example.org");
	assert_from("\"a \\\" <b;\" <sip:bob@example.org>", "bob", "example.org");
	assert_from("sip:bob%40example.org", "bob", "example.org");
	assert_from("sip%3Abob%40example.org", "bob", "example.org");
	assert_from("sip:bob@example.org:5061", "bob", "example.org");
	assert_from("sip:bob@[2001:db8::1]:5060", "bob", "[2001:db8::1]");
}

static void anything_else_in_from_is_refused(void **state)
{
	const char *const broken[] = { "", "bob", "bob@example.org", "sip:bob", "sip:@example.org",
		"sip:bob@", "sip:bob@a b", "sip:b%00b@example.org", "sip:bob%zz@example.org",
		"sip:b%0ab@example.org", "sip:bob@exa%2fmple", "sip:a@b@c", "<sip:bob@example.org",
		"\"x", "\"x\" sip:bob@example.org", "tel:+33", "sip:bob%20b@example.org",
		"sip:bob@;x", "sip:bob@:5060" };

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct sip_address got;

		if (sip_address_from_header(arena, str_from(broken[i]), &got))
			fail_msg("accepted: %s", broken[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_typed_name_is_lower_cased_and_cut_at_the_last_at, setup, teardown),
		cmocka_unit_test(a_name_without_a_domain_fits_every_domain),
		cmocka_unit_test_setup_teardown(
			a_uri_is_cut_with_or_without_its_scheme, setup, teardown),
		cmocka_unit_test_setup_teardown(from_names_a_user_and_a_domain, setup, teardown),
		cmocka_unit_test_setup_teardown(anything_else_in_from_is_refused, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
