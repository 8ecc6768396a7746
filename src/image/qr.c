#include "image/qr.h"

#include <png.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define QUIET    4 /* modules around it */
#define IS_BLACK 1 /* the bit of a module that says so */

static QRcode *encode(const char *text)
{
	size_t n = strlen(text);

	if (n == 0 || n > QR_TEXT_MAX)
		return NULL;
	return QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
}

static void code_free(QRcode *code)
{
	mem_wipe(code->data, (size_t)code->width * (size_t)code->width);
	QRcode_free(code);
}

static bool is_black(const QRcode *code, int x, int y)
{
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return false;
	return code->data[y * code->width + x] & IS_BLACK;
}

/* One stroke for each run of black modules in a row. */
static void svg_row(const QRcode *code, int y, struct buf *out)
{
	for (int x = 0, run; x < code->width; x += run) {
		for (run = 1; is_black(code, x, y) && is_black(code, x + run, y);)
			run++;
		if (is_black(code, x, y))
			buf_printf(out, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, run, run);
	}
}

enum err qr_svg(const char *text, struct buf *out)
{
	QRcode *code = encode(text);

	if (!code)
		return ERR_LIMIT;
	int side = code->width + 2 * QUIET;

	buf_printf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
		"shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
		"<path d=\"",
		side, side, side, side);
	for (int y = 0; y < code->width; y++)
		svg_row(code, y, out);
	buf_add_str(out, "\"/></svg>\n");
	code_free(code);
	return out->overflow ? ERR_LIMIT : ERR_OK;
}

static void png_append(png_structp png, png_bytep p, size_t n)
{
	buf_add(png_get_io_ptr(png), p, n);
}

static void png_flush_nothing(png_structp png)
{
	(void)png;
}

/* One line of pixels, a bit each, 0 is black. */
static void png_line(const QRcode *code, int y, uint8_t *line, size_t n)
{
	int side = (code->width + 2 * QUIET) * QR_MODULE;

	memset(line, 0xff, n);
	for (int x = 0; x < side; x++)
		if (is_black(code, x / QR_MODULE - QUIET, y / QR_MODULE - QUIET))
			line[x / 8] &= (uint8_t) ~(0x80 >> x % 8);
}

/* libpng leaves by longjmp when it fails; nothing that changes afterwards lives in this frame. */
static bool png_draw(png_structp png, png_infop info, const QRcode *code, uint8_t *line, size_t n)
{
	int side = (code->width + 2 * QUIET) * QR_MODULE;

	if (setjmp(png_jmpbuf(png)))
		return false;
	png_set_IHDR(png, info, (png_uint_32)side, (png_uint_32)side, 1, PNG_COLOR_TYPE_GRAY,
		PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (int y = 0; y < side; y++) {
		png_line(code, y, line, n);
		png_write_row(png, line);
	}
	png_write_end(png, info);
	return true;
}

enum err qr_png(const char *text, struct buf *out)
{
	QRcode *code = encode(text);

	if (!code)
		return ERR_LIMIT;
	size_t n = ((size_t)code->width + 2 * QUIET) * QR_MODULE / 8;
	uint8_t *line = mem_alloc(n);
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png ? png_create_info_struct(png) : NULL;

	if (png)
		png_set_write_fn(png, out, png_append, png_flush_nothing);
	bool ok = info && png_draw(png, info, code, line, n);

	png_destroy_write_struct(&png, &info);
	mem_wipe(line, n);
	free(line);
	code_free(code);
	return ok && !out->overflow ? ERR_OK : ERR_LIMIT;
}
