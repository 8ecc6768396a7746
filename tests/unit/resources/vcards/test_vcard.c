/* What is a vCard, and the one form it is written in. */
#include "../../../../src/resources/vcards/vcard.h"

#include "../../unit.h"

#define CARD(lines) "BEGIN:VCARD\nVERSION:4.0\n" lines "END:VCARD\n"
#define WHOLE       "FN:Simon\nUID:u1\n"

static void assert_written(const char *in, const char *out, const char *uid)
{
	struct arena *arena = arena_new(1024);
	struct vcard card;

	assert_true(vcard_read(arena, str_from(in), &card));
	assert_string_equal(card.text, out);
	assert_string_equal(card.uid, uid);
	arena_free(&arena);
}

static void assert_refused(const char *in)
{
	struct arena *arena = arena_new(1024);
	struct vcard card;

	if (vcard_read(arena, str_from(in), &card))
		fail_msg("taken: %s", in);
	arena_free(&arena);
}

static void both_line_ends_are_read_and_LF_is_written(void **state)
{
	(void)state;
	assert_written("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Simon\r\nUID:u1\r\nEND:VCARD\r\n",
		CARD(WHOLE), "u1");
	assert_written(CARD(WHOLE), CARD(WHOLE), "u1");
	assert_written("BEGIN:VCARD\nVERSION:4.0\n" WHOLE "END:VCARD", CARD(WHOLE), "u1");
	assert_refused("BEGIN:VCARD\rVERSION:4.0\rFN:Simon\rUID:u1\rEND:VCARD\r");
}

static void names_are_written_in_upper_case_and_the_version_first(void **state)
{
	(void)state;
	assert_written("begin:vcard\nfn:Simon\nitem1.tel;type=\"a:b\",cell;Pref=1:+33\nuid:u1\n"
		       "version:4.0\nend:vcard\n",
		CARD("FN:Simon\nitem1.TEL;TYPE=\"a:b\",cell;PREF=1:+33\nUID:u1\n"), "u1");
}

static void folds_are_undone_and_lines_folded_at_75_bytes_between_characters(void **state)
{
	(void)state;
	assert_written(CARD("FN:Si\n mon\nUID:u\n\t1\n"), CARD(WHOLE), "u1");
	assert_written(CARD("UID:u1\nFN:123456789 123456789 123456789 123456789 123456789"
			    " 123456789 12345678901234567890\n"),
		CARD("UID:u1\nFN:123456789 123456789 123456789 123456789 123456789 123456789"
		     " 123456789012\n 34567890\n"),
		"u1");
	/* The character of two bytes would be bytes 75 and 76. */
	assert_written(CARD("UID:u1\nNOTE:56789 123456789 123456789 123456789 123456789 123456789"
			    " 123456789 1234\xc3\xa9z\nFN:x\n"),
		CARD("UID:u1\nNOTE:56789 123456789 123456789 123456789 123456789 123456789"
		     " 123456789 1234\n \xc3\xa9z\nFN:x\n"),
		"u1");
}

static void version_uid_and_name_have_to_be_there(void **state)
{
	(void)state;
	assert_written("BEGIN:VCARD\nVERSION:3.0\n" WHOLE "END:VCARD\n",
		"BEGIN:VCARD\nVERSION:3.0\n" WHOLE "END:VCARD\n", "u1");
	assert_refused("BEGIN:VCARD\n" WHOLE "END:VCARD\n");
	assert_refused("BEGIN:VCARD\nVERSION:2.1\n" WHOLE "END:VCARD\n");
	assert_refused(CARD("VERSION:4.0\n" WHOLE));
	assert_refused(CARD("FN:Simon\n"));
	assert_refused(CARD("UID:u1\n"));
	assert_refused(CARD(WHOLE "UID:u2\n"));
	assert_refused(CARD("FN:Simon\nUID:\n"));
}

static void a_uid_may_be_escaped_text(void **state)
{
	(void)state;
	assert_written(
		CARD("FN:x\nUID:a\\,b\\;c\\\\\n"), CARD("FN:x\nUID:a\\,b\\;c\\\\\n"), "a,b;c\\");
	assert_refused(CARD("FN:x\nUID:a\\nb\n"));
	assert_refused(CARD("FN:x\nUID:a\\\n"));
}

static void exactly_one_card_is_taken(void **state)
{
	(void)state;
	assert_refused("");
	assert_refused("BEGIN:VCARD\n");
	assert_refused("hello");
	assert_refused("BEGIN:VCARD\nVERSION:4.0\n" WHOLE);
	assert_refused(CARD(WHOLE) CARD(WHOLE));
	assert_refused(CARD(WHOLE) "FN:behind\n");
	assert_refused(CARD("BEGIN:VCARD\n" WHOLE));
	assert_refused("BEGIN:VCALENDAR\nVERSION:4.0\n" WHOLE "END:VCALENDAR\n");
	assert_refused(CARD(WHOLE "END;X=1:VCARD\n"));
}

static void a_line_is_a_property(void **state)
{
	(void)state;
	assert_refused(CARD(WHOLE "NOTE\n"));
	assert_refused(CARD(WHOLE ":x\n"));
	assert_refused(CARD(WHOLE "\n"));
	assert_refused(CARD(WHOLE "N OTE:x\n"));
	assert_refused(CARD(WHOLE ".NOTE:x\n"));
	assert_refused(CARD(WHOLE "TEL;CELL:1\n"));
	assert_refused(CARD(WHOLE "TEL;=cell:1\n"));
	assert_refused(CARD(WHOLE "TEL;TYPE=\"cell:1\n"));
	assert_refused(CARD(WHOLE "TEL;TYPE=ce\"ll:1\n"));
	assert_refused(CARD(WHOLE "NOTE:bell\a\n"));
	assert_refused(" " CARD(WHOLE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_line_ends_are_read_and_LF_is_written),
		cmocka_unit_test(names_are_written_in_upper_case_and_the_version_first),
		cmocka_unit_test(folds_are_undone_and_lines_folded_at_75_bytes_between_characters),
		cmocka_unit_test(version_uid_and_name_have_to_be_there),
		cmocka_unit_test(a_uid_may_be_escaped_text),
		cmocka_unit_test(exactly_one_card_is_taken),
		cmocka_unit_test(a_line_is_a_property),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
