#include "base/ini.h"

#include <stdio.h>

#include "../unit.h"

/* "kind section|key|value" of each line. */
static const char *read_all(struct str text)
{
	static const char kinds[] = "-[=!";
	static char out[1024];
	struct ini ini = { .rest = text };
	struct ini_line line;
	size_t n = 0;

	out[0] = '\0';
	while (ini_next(&ini, &line))
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%c%.*s|%.*s|%.*s\n",
			kinds[line.kind], (int)line.section.n, line.section.p, (int)line.key.n,
			line.key.p, (int)line.value.n, line.value.p);
	return out;
}

static void lines_are_sections_entries_comments_or_wrong(void **state)
{
	(void)state;
	assert_string_equal(read_all(STR("a=1\n[ net ]\r\n; x=1\n# y\n\n mtu = 1300 \nbad\n=1\n")),
		"=|a|1\n[net||\n-net||\n-net||\n-net||\n=net|mtu|1300\n!net||\n!net||\n");
}

static void values_are_literal_but_for_quotes_around_the_whole(void **state)
{
	(void)state;
	assert_string_equal(read_all(STR("[a]\nx=\"<sip:b>\"\ny='on'\nz=\"half\nw=a=b ; c\nv=\"")),
		"[a||\n=a|x|<sip:b>\n=a|y|on\n=a|z|\"half\n=a|w|a=b ; c\n=a|v|\"\n");
	assert_string_equal(read_all(STR("[a]\nx=on\ny=\n")), "[a||\n=a|x|on\n=a|y|\n");
}

static void sections_have_a_name_without_brackets(void **state)
{
	(void)state;
	assert_string_equal(
		read_all(STR("[]\n[ ]\n[a]b]\n[a\n[[a]]\n")), "!||\n!||\n!||\n!||\n!||\n");
}

static void keys_are_words(void **state)
{
	(void)state;
	assert_string_equal(read_all(STR("[a]\nb c=1\nd<=1\nA_b-c.9:x=1\n")),
		"[a||\n!a||\n!a||\n=a|A_b-c.9:x|1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_sections_entries_comments_or_wrong),
		cmocka_unit_test(values_are_literal_but_for_quotes_around_the_whole),
		cmocka_unit_test(sections_have_a_name_without_brackets),
		cmocka_unit_test(keys_are_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
