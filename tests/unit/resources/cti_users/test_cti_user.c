#include "resources/cti_users/cti_user.h"

#include "../../unit.h"

static void a_picture_is_known_by_its_first_bytes(void **state)
{
	static const char *const pictures[] = {
		"data:image/png;base64,iVBORw0KGgoAAAAN",
		"data:image/jpeg;base64,/9j/4AAQSkZJRgAB",
		"data:image/gif;base64,R0lGODlhAQABAAAA",
		"data:image/webp;base64,UklGRiQAAABXRUJQ",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pictures) / sizeof(pictures[0]); i++)
		assert_ptr_equal(cti_user_avatar_check(str_from(pictures[i])), NULL);
}

static void anything_else_is_no_picture(void **state)
{
	static const char *const others[] = {
		"",
		"iVBORw0KGgoAAAAN",
		"data:image/png;base64",
		"data:image/png;base64,",
		"data:image/png,iVBORw0KGgoAAAAN",
		"data:image/svg+xml;base64,PHN2Zy8+",
		"data:text/html;base64,iVBORw0KGgoAAAAN",
		"data:image/png;base64,PGh0bWw+PGJvZHk+",
		"data:image/png;base64,iVBORw0KGgoAAAAN!AAA",
		"data:image/png;base64,iVBORw0KGgoAAAANA",
		"data:image/png;base64,iVBORw0KGgoAAAAN====",
		"data:image/png;base64,iVBO",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_ptr_equal(cti_user_avatar_check(str_from(others[i])), &text_format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_picture_is_known_by_its_first_bytes),
		cmocka_unit_test(anything_else_is_no_picture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
