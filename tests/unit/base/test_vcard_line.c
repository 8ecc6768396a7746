#include "base/vcard_line.h"

#include "../unit.h"

static struct buf out;

static int setup(void **state)
{
	(void)state;
	buf_init(&out, 4096);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_finish(&out);
	return 0;
}

static void assert_text(const char *text, const char *line)
{
	buf_clear(&out);
	vcard_text_add(&out, "FN", str_from(text));
	assert_string_equal(out.p, line);
}

static void what_would_end_a_value_or_a_line_is_escaped(void **state)
{
	(void)state;
	assert_text("Ann \"Bo\" O'Neil", "FN:Ann \"Bo\" O'Neil\n");
	assert_text("a\\b,c;d:e", "FN:a\\\\b\\,c\\;d:e\n");
	assert_text("a\r\nb\nc\rd\r\n", "FN:a\\nb\\nc\\nd\\n\n");
	assert_text("x\r\nEND:VCARD\r\nBEGIN:VCARD", "FN:x\\nEND:VCARD\\nBEGIN:VCARD\n");
	assert_text("bell\a tab\t del\x7f", "FN:bell  tab  del \n");
	assert_text("", "FN:\n");
}

static void a_long_line_is_folded_at_75_bytes(void **state)
{
	char line[200];

	(void)state;
	memset(line, 'x', sizeof(line));
	buf_clear(&out);
	vcard_line_add(&out, (struct str){ line, 75 });
	assert_int_equal(out.n, 76);
	buf_clear(&out);
	vcard_line_add(&out, (struct str){ line, 76 });
	assert_int_equal(out.n, 76 + 3);
	assert_memory_equal(out.p + 75, "\n x\n", 4);
	buf_clear(&out);
	vcard_line_add(&out, (struct str){ line, 75 + 74 + 1 });
	assert_memory_equal(out.p + 76 + 75, "\n x\n", 4);
}

/* Of characters of two, three and four bytes, at each place of the line. */
static void no_character_is_cut(void **state)
{
	static const char *const characters[] = { "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };
	char line[400];

	(void)state;
	for (size_t i = 0; i < 3 * 4; i++) {
		const char *c = characters[i / 4];
		size_t n = i % 4;

		memset(line, 'x', n);
		while (n + strlen(c) < sizeof(line)) {
			memcpy(line + n, c, strlen(c));
			n += strlen(c);
		}
		buf_clear(&out);
		vcard_line_add(&out, (struct str){ line, n });
		for (char *p = strchr(out.p, '\n'), *begin = out.p; p; p = strchr(p + 1, '\n')) {
			assert_true(p - begin <= 75);
			assert_true(p[1] != ' ' || ((unsigned char)p[2] & 0xc0) != 0x80);
			begin = p + 1;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_would_end_a_value_or_a_line_is_escaped),
		cmocka_unit_test(a_long_line_is_folded_at_75_bytes),
		cmocka_unit_test(no_character_is_cut),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
