#include "resources/contacts/contact.h"

#include "../../arena.h"

static const struct contact alice = { .sip_uri = "sip:alice@sip.example.org",
	.display_name = "Alice; \"the\" first\r\nEND:VCARD",
	.types = "[]",
	.actions = "[]" };
static const struct contact door = { .sip_uri = "sip:door@sip.example.org",
	.display_name = "",
	.dtmf_protocol = "sipinfo",
	.types = "[{\"id\":1,\"key\":\"intercom\"},{\"id\":2,\"key\":\"door\"}]",
	.actions = "[{\"id\":3,\"key\":\"open\",\"code\":\"12\"}]" };

#define ALICE                                                                         \
	"BEGIN:VCARD\nVERSION:4.0\nKIND:individual\nIMPP:sip:alice@sip.example.org\n" \
	"FN:Alice\\; \"the\" first\\nEND:VCARD\nEND:VCARD"
#define DOOR                                                                         \
	"BEGIN:VCARD\nVERSION:4.0\nKIND:individual\nIMPP:sip:door@sip.example.org\n" \
	"FN:door@sip.example.org\nX-LINPHONE-ACCOUNT-DTMF-PROTOCOL:sipinfo\n"        \
	"X-LINPHONE-ACCOUNT-TYPE:intercom\nX-LINPHONE-ACCOUNT-TYPE:door\n"           \
	"X-LINPHONE-ACCOUNT-ACTION:open;12\nEND:VCARD"

static void a_contact_is_a_card_with_its_name_its_types_and_its_actions(void **state)
{
	(void)state;
	assert_string_equal(contact_vcards(arena, &alice, 1), ALICE);
	assert_string_equal(contact_vcards(arena, &door, 1), DOOR);
}

static void several_are_joined_by_a_line_end_and_none_are_nothing(void **state)
{
	const struct contact both[] = { alice, door };

	(void)state;
	assert_string_equal(contact_vcards(arena, both, 2), ALICE "\n" DOOR);
	assert_string_equal(contact_vcards(arena, NULL, 0), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_contact_is_a_card_with_its_name_its_types_and_its_actions),
		cmocka_unit_test(several_are_joined_by_a_line_end_and_none_are_nothing),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
