#include "http/page.h"

#include "../arena.h"

static void text_of_a_page_is_no_markup(void **state)
{
	const struct page_text text = { "<script>alert('1')</script>", "a & \"b\"", NULL };
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
	const struct page_text text = { "Title", NULL, NULL };
	const struct page_form form = { "../x", "name", "\"><b>", "Go", NULL };
	struct arena *a = arena_new(1024);
	const char *html = page_html(a, LANGUAGE_IT, &text, &form);

	(void)state;
	assert_non_null(strstr(html, "<html lang=\"it\">"));
	assert_non_null(strstr(html, "name=\"name\" value=\"&quot;&gt;&lt;b&gt;\""));
	assert_non_null(strstr(html, "<button>Go</button>"));
	assert_null(strstr(html, "<p>"));
	arena_free(&a);
}

static void a_link_has_its_drawing_and_a_form_its_inputs(void **state)
{
	const struct page_link link = { "linphone-config:https://a/\"", "Open",
		"<svg viewBox=\"x\"/>" };
	const struct page_text text = { "Title", NULL, &link };
	const struct page_input inputs[] = {
		{ "password", "New <one>", "password", "new-password" }, { NULL }
	};
	const struct page_form form = { "x", "token", "t", "Go", inputs };
	struct arena *a = arena_new(1024);
	const char *html = page_html(a, LANGUAGE_EN, &text, &form);

	(void)state;
	assert_non_null(
		strstr(html, "<svg width=\"300\" height=\"300\" role=\"img\" viewBox=\"x\"/>"));
	assert_non_null(strstr(html, "<a href=\"linphone-config:https://a/&quot;\">Open</a>"));
	assert_non_null(strstr(html, "<label>New &lt;one&gt;<br>"));
	assert_non_null(strstr(html, "<input type=\"password\" name=\"password\""));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_a_page_is_no_markup),
		cmocka_unit_test(a_form_cannot_be_left_by_its_value),
		cmocka_unit_test(a_link_has_its_drawing_and_a_form_its_inputs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
