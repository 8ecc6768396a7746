#include "http/page.h"

#include "../arena.h"

static void text_of_a_page_is_no_markup(void **state)
{
	const struct page_text text = { "<script>alert('1')</script>", "a & \"b\"" };
	struct arena *a = arena_new(1024);
	const char *html = page_html(a, LANGUAGE_EN, &text, NULL);

	(void)state;
	assert_null(strstr(html, "<script"));
	assert_non_null(strstr(html, "<h1>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;</h1>"));
	assert_non_null(strstr(html, "<p>a &amp; &quot;b&quot;</p>"));
	assert_null(strstr(html, "<form"));
	arena_free(&a);
}

static void a_form_cannot_be_left_by_its_value(void **state)
{
	const struct page_text text = { "Title", NULL };
	const struct page_form form = { "../x", "name", "\"><b>", "Go" };
	struct arena *a = arena_new(1024);
	const char *html = page_html(a, LANGUAGE_IT, &text, &form);

	(void)state;
	assert_non_null(strstr(html, "<html lang=\"it\">"));
	assert_non_null(strstr(html, "name=\"name\" value=\"&quot;&gt;&lt;b&gt;\""));
	assert_non_null(strstr(html, "<button>Go</button>"));
	assert_null(strstr(html, "<p>"));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_a_page_is_no_markup),
		cmocka_unit_test(a_form_cannot_be_left_by_its_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
