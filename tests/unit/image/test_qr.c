#include "image/qr.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit.h"

#define IMAGE_MAX (256u << 10)
#define QUIET     4

static const char text[] = "otpauth://totp/Dialtone:alice?secret=GEZDGNBVGY3TQOJQ";

/* Reads our PNG with libpng's own reader. */
static uint8_t *pixels_of(const struct buf *png, png_uint_32 *ret_side)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	uint8_t *pixels;

	assert_true(png_image_begin_read_from_memory(&image, png->p, png->n));
	image.format = PNG_FORMAT_GRAY;
	assert_int_equal(image.width, image.height);
	pixels = malloc(PNG_IMAGE_SIZE(image));
	assert_non_null(pixels);
	assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
	*ret_side = image.width;
	return pixels;
}

/* The black modules an SVG paints, as 'X' in a square of `side` characters. */
static void paint(const char *path, int side, char *square)
{
	int x, y, run, used;

	while (sscanf(path, "M%d %dh%dv1h-%*dz%n", &x, &y, &run, &used) == 3) {
		for (int i = 0; i < run; i++)
			square[y * side + x + i] = 'X';
		path += used;
	}
}

static void svg_and_png_show_the_same_modules(void **state)
{
	static char square[100 * 100];
	struct buf svg, png;
	png_uint_32 pixels_side;
	int side;

	(void)state;
	buf_init(&svg, IMAGE_MAX);
	buf_init(&png, IMAGE_MAX);
	assert_int_equal(qr_svg(text, &svg), ERR_OK);
	assert_int_equal(qr_png(text, &png), ERR_OK);
	uint8_t *pixels = pixels_of(&png, &pixels_side);

	side = (int)pixels_side / QR_MODULE;
	assert_true(side <= 100);
	paint(strstr(svg.p, "<path d=\"") + strlen("<path d=\""), side, square);
	for (int i = 0; i < side * side; i++) {
		int x = i % side * QR_MODULE, y = i / side * QR_MODULE;
		bool black = pixels[y * (int)pixels_side + x] == 0;

		assert_int_equal(black, square[i] == 'X');
	}
	free(pixels);
	buf_finish(&svg);
	buf_finish(&png);
}

/* The finder pattern of ISO/IEC 18004, 6.3.3, behind four white modules. */
static void png_begins_with_the_quiet_zone_and_a_finder_pattern(void **state)
{
	struct buf png;
	png_uint_32 side;

	(void)state;
	buf_init(&png, IMAGE_MAX);
	assert_int_equal(qr_png(text, &png), ERR_OK);
	uint8_t *pixels = pixels_of(&png, &side);

	for (png_uint_32 x = 0; x < side; x++)
		assert_int_equal(pixels[(QUIET * QR_MODULE - 1) * side + x], 0xff);
	for (int x = 0; x < 7; x++)
		assert_int_equal(
			pixels[QUIET * QR_MODULE * (int)side + (QUIET + x) * QR_MODULE], 0);
	assert_int_equal(pixels[QUIET * QR_MODULE * (int)side + (QUIET + 7) * QR_MODULE], 0xff);
	free(pixels);
	buf_finish(&png);
}

static void empty_and_overlong_texts_are_refused(void **state)
{
	static char overlong[QR_TEXT_MAX + 2];
	struct buf out;

	(void)state;
	memset(overlong, 'x', sizeof(overlong) - 1);
	buf_init(&out, IMAGE_MAX);
	assert_int_equal(qr_svg("", &out), ERR_LIMIT);
	assert_int_equal(qr_png("", &out), ERR_LIMIT);
	assert_int_equal(qr_svg(overlong, &out), ERR_LIMIT);
	assert_int_equal(qr_png(overlong, &out), ERR_LIMIT);
	buf_finish(&out);
}

static void image_that_does_not_fit_is_an_error(void **state)
{
	struct buf small;

	(void)state;
	buf_init(&small, 100);
	assert_int_equal(qr_svg(text, &small), ERR_LIMIT);
	buf_clear(&small);
	assert_int_equal(qr_png(text, &small), ERR_LIMIT);
	buf_finish(&small);
}

static void picture_is_as_wide_as_asked_or_wider_for_a_long_text(void **state)
{
	static char long_text[1200];
	struct buf png;
	png_uint_32 side;

	(void)state;
	buf_init(&png, IMAGE_MAX);
	assert_int_equal(qr_png_fit(text, 300, &png), ERR_OK);
	uint8_t *pixels = pixels_of(&png, &side);

	assert_int_equal(side, 300);
	assert_int_equal(pixels[0], 255);
	free(pixels);
	buf_clear(&png);
	memset(long_text, 'x', sizeof(long_text) - 1);
	assert_int_equal(qr_png_fit(long_text, 300, &png), ERR_OK);
	free(pixels_of(&png, &side));
	assert_true(side > 300);
	assert_int_equal(qr_png_fit("", 300, &png), ERR_LIMIT);
	buf_finish(&png);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(picture_is_as_wide_as_asked_or_wider_for_a_long_text),
		cmocka_unit_test(svg_and_png_show_the_same_modules),
		cmocka_unit_test(png_begins_with_the_quiet_zone_and_a_finder_pattern),
		cmocka_unit_test(empty_and_overlong_texts_are_refused),
		cmocka_unit_test(image_that_does_not_fit_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
