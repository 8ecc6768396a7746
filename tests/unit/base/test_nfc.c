#define _GNU_SOURCE
#include "base/nfc.h"

#include <string.h>

#include "../arena.h"

static void assert_nfc(const char *sent, const char *wanted)
{
	assert_string_equal(nfc_text(arena, str_from(sent), NULL).p, wanted);
}

/* Rows of NormalizationTest.txt, one of each kind. */
static void every_way_of_writing_a_letter_is_one_text(void **state)
{
	(void)state;
	assert_nfc("", "");
	assert_nfc("correct horse", "correct horse");
	assert_nfc("pa\u0308ssword", "p\u00e4ssword");
	assert_nfc("p\u00e4ssword", "p\u00e4ssword");
	assert_nfc("\u212b", "\u00c5");
	assert_nfc("\u0344", "\u0308\u0301");
	assert_nfc("\u1e0b\u0323", "\u1e0d\u0307");
	assert_nfc("d\u0307\u0323", "\u1e0d\u0307");
	assert_nfc("\u1112\u1161\u11ab", "\ud55c");
	assert_nfc("\U0001d15e", "\U0001d157\U0001d165");
	assert_nfc("\ufb01\uff11", "\ufb01\uff11"); /* compatibility is another form */
}

static void what_is_no_utf_8_stays_as_it_is(void **state)
{
	(void)state;
	assert_nfc("pa\xcc", "pa\xcc");
	assert_nfc("\xff\u0308", "\xff\u0308");
}

/* The sequence, so many times. */
static const char *many(const char *sequence, size_t times)
{
	char *text = arena_alloc(arena, times * strlen(sequence) + 1), *end = text;

	while (times--)
		end = stpcpy(end, sequence);
	return text;
}

/* Of these 64 KiB each would be put in order for seconds; the second looks like letters until it is taken apart. */
static void a_heap_of_marks_stays_as_it_is(void **state)
{
	const char *marks =
		arena_printf(arena, "a%s%s", many("\u0315", 16000), many("\u0300", 16000));
	const char *letters = many("\u0f73", 20000);
	const char *fifteen = many("\u0315\u0300", 15);

	(void)state;
	assert_nfc(marks, marks);
	assert_nfc(letters, letters);
	assert_nfc(arena_printf(arena, "a%s", fifteen),
		arena_printf(arena, "\u00e0%s%s", many("\u0300", 14), many("\u0315", 15)));
}

static void how_it_was_sent_is_remembered_only_where_that_differs(void **state)
{
	struct nfc_changes changes = { 0 };
	const char *plain = nfc_text(arena, STR("secret"), &changes).p;
	const char *composed = nfc_text(arena, STR("p\u00e4sse"), &changes).p;

	(void)state;
	assert_null(changes.last);
	const char *one = nfc_text(arena, STR("pa\u0308ss"), &changes).p;
	const char *other = nfc_text(arena, STR("u\u0308ber"), &changes).p;

	assert_string_equal(nfc_as_sent(&changes, one), "pa\u0308ss");
	assert_string_equal(nfc_as_sent(&changes, other), "u\u0308ber");
	assert_ptr_equal(nfc_as_sent(&changes, plain), plain);
	assert_ptr_equal(nfc_as_sent(&changes, composed), composed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_of_writing_a_letter_is_one_text),
		cmocka_unit_test(what_is_no_utf_8_stays_as_it_is),
		cmocka_unit_test(a_heap_of_marks_stays_as_it_is),
		cmocka_unit_test(how_it_was_sent_is_remembered_only_where_that_differs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
