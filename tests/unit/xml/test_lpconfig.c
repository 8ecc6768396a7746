#include "xml/lpconfig.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../unit.h"

#define DOCUMENT_MAX (1u << 20)
#define HEAD                                           \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" \
	"<config xmlns=\"http://www.linphone.org/xsds/lpconfig.xsd\">"

static struct buf document;

static const char *write_xml(const struct lpconfig *c, bool overwrite)
{
	buf_finish(&document);
	buf_init(&document, DOCUMENT_MAX);
	assert_int_equal(lpconfig_xml(c, overwrite, &document), ERR_OK);
	return document.p;
}

static void document_has_sections_with_entries(void **state)
{
	struct lpconfig *c = lpconfig_new(arena);

	(void)state;
	lpconfig_set(c, "net", "mtu", "1300");
	lpconfig_set_int(c, "ui", "max_account", 0);
	lpconfig_set(c, "net", "mtu", "1400");
	assert_string_equal(write_xml(c, false),
		HEAD "<section name=\"net\"><entry name=\"mtu\">1400</entry></section>"
		     "<section name=\"ui\"><entry name=\"max_account\">0</entry></section>"
		     "</config>\n");
	assert_non_null(strstr(write_xml(c, true), "<entry name=\"mtu\" overwrite=\"true\">1400"));
	lpconfig_replace(c, "net", "mtu", "1500");
	assert_non_null(strstr(write_xml(c, false), "<entry name=\"mtu\" overwrite=\"true\">1500"));
	assert_true(lpconfig_has(c, "net", "mtu") && lpconfig_has_section(c, "ui"));
	assert_false(lpconfig_has(c, "ui", "mtu") || lpconfig_has_section(c, "mtu"));
}

static void ini_entries_are_merged_and_entries_outside_sections_left_out(void **state)
{
	struct lpconfig *c = lpconfig_new(arena);

	(void)state;
	lpconfig_add_ini(c,
		STR("lost=1\n[proxy_0]\nreg_proxy=<sip:p;lr>\nno entry\n[net]\nmtu=1\n[proxy_0]\n"
		    "reg_proxy=\"<sip:q>\"\n"));
	lpconfig_set(c, "proxy_0", "reg_identity", "\"A\" <sip:a@b>");
	assert_string_equal(write_xml(c, false),
		HEAD "<section name=\"proxy_0\"><entry name=\"reg_proxy\">&lt;sip:q&gt;</entry>"
		     "<entry name=\"reg_identity\">&quot;A&quot; &lt;sip:a@b&gt;</entry></section>"
		     "<section name=\"net\"><entry name=\"mtu\">1</entry></section></config>\n");
}

static void values_are_one_line_of_utf_8(void **state)
{
	struct lpconfig *c = lpconfig_new(arena);

	(void)state;
	lpconfig_set(c, "a", "b",
		"1\r\n[x]\ny=\x7f\x01\xc2\x85\xe2\x80\xa8\xef\xbf\xbf]]>&'\xff\xc3\xa8");
	assert_non_null(
		strstr(write_xml(c, false), ">1[x]y=]]&gt;&amp;'\xef\xbf\xbd\xc3\xa8</entry>"));
}

static void document_that_does_not_fit_is_refused(void **state)
{
	struct lpconfig *c = lpconfig_new(arena);
	struct buf small;

	(void)state;
	lpconfig_set(c, "a", "b", "1");
	buf_init(&small, 64);
	assert_int_equal(lpconfig_xml(c, false, &small), ERR_LIMIT);
	buf_finish(&small);
}

static char *random_text(struct arena *a, size_t *ret_n)
{
	static const char odd[] = "<>&\"'[]=\r\n\t ;#]]>\x00\x01\x7f\x80\xc2\xe2\xf0\xff:é";
	size_t n = (size_t)rand() % 40;
	char *text = arena_alloc(a, n + 1);

	for (size_t i = 0; i < n; i++)
		text[i] = rand() % 3 ? odd[(size_t)rand() % sizeof(odd)] : (char)rand();
	*ret_n = n;
	return text;
}

static xmlNodePtr only_section(xmlDocPtr doc, const char *name)
{
	xmlNodePtr section = xmlDocGetRootElement(doc)->children;

	assert_non_null(section);
	assert_null(section->next);
	xmlChar *is = xmlGetProp(section, (const xmlChar *)"name");

	assert_string_equal((const char *)is, name);
	xmlFree(is);
	return section;
}

static void whatever_a_value_is_it_stays_in_its_entry(void **state)
{
	(void)state;
	srand(7);
	for (int i = 0; i < 2000; i++) {
		struct lpconfig *c = lpconfig_new(arena);
		size_t n;

		lpconfig_set(c, "a", "b", random_text(arena, &n));
		write_xml(c, i % 2);
		xmlDocPtr doc = xmlReadMemory(document.p, (int)document.n, NULL, NULL, 0);

		assert_non_null(doc);
		xmlNodePtr entry = only_section(doc, "a")->children;

		assert_null(entry->next);
		assert_true(!entry->children || !entry->children->next);
		assert_true(!entry->children ||
			    !strpbrk((const char *)entry->children->content, "\r\n"));
		xmlFreeDoc(doc);
		arena_reset(arena);
	}
}

static void any_bytes_as_ini_give_a_well_formed_document(void **state)
{
	(void)state;
	srand(8);
	for (int i = 0; i < 2000; i++) {
		struct lpconfig *c = lpconfig_new(arena);
		size_t n;

		lpconfig_add_ini(c, STR("[s]\n"));
		for (int j = 0; j < 4; j++) {
			char *text = random_text(arena, &n);

			lpconfig_add_ini(c, (struct str){ text, n });
		}
		write_xml(c, false);
		xmlDocPtr doc = xmlReadMemory(document.p, (int)document.n, NULL, NULL, 0);

		assert_non_null(doc);
		xmlFreeDoc(doc);
		arena_reset(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			document_has_sections_with_entries, setup, teardown),
		cmocka_unit_test_setup_teardown(
			ini_entries_are_merged_and_entries_outside_sections_left_out, setup,
			teardown),
		cmocka_unit_test_setup_teardown(values_are_one_line_of_utf_8, setup, teardown),
		cmocka_unit_test_setup_teardown(
			document_that_does_not_fit_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			whatever_a_value_is_it_stays_in_its_entry, setup, teardown),
		cmocka_unit_test_setup_teardown(
			any_bytes_as_ini_give_a_well_formed_document, setup, teardown),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	buf_finish(&document);
	xmlCleanupParser();
	return failed;
}
