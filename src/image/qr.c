#include "image/qr.h"

#include <png.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define QUIET      4 /* modules around it */
#define IS_BLACK   1 /* the bit of a module that says so */
#define MODULE_MIN 2 /* pixels that cameras can still tell apart */

static QRcode *encode(const char *text, QRecLevel level)
{
	size_t n = strlen(text);

	if (n == 0 || n > QR_TEXT_MAX)
		return NULL;
	return QRcode_encodeString8bit(text, 0, level);
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
	QRcode *code = encode(text, QR_ECLEVEL_M);

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

/* A code as it is drawn: so many pixels for a module, and around all of it. */
struct drawing {
	QRcode *code;
	int module, margin, side;
};

/* One line of pixels, a bit each, 0 is black. */
static void png_line(const struct drawing *d, int y, uint8_t *line, size_t n)
{
	int to = d->margin + d->code->width * d->module;

	memset(line, 0xff, n);
	if (y < d->margin || y >= to)
		return;
	for (int x = d->margin; x < to; x++)
		if (is_black(d->code, (x - d->margin) / d->module, (y - d->margin) / d->module))
			line[x / 8] &= (uint8_t) ~(0x80 >> x % 8);
}

/* libpng leaves by longjmp when it fails; nothing that changes afterwards lives in this frame. */
static bool png_draw(
	png_structp png, png_infop info, const struct drawing *d, uint8_t *line, size_t n)
{
	if (setjmp(png_jmpbuf(png)))
		return false;
	png_set_IHDR(png, info, (png_uint_32)d->side, (png_uint_32)d->side, 1, PNG_COLOR_TYPE_GRAY,
		PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (int y = 0; y < d->side; y++) {
		png_line(d, y, line, n);
		png_write_row(png, line);
	}
	png_write_end(png, info);
	return true;
}

static enum err png_write(const struct drawing *d, struct buf *out)
{
	size_t n = ((size_t)d->side + 7) / 8;
	uint8_t *line = mem_alloc(n);
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png ? png_create_info_struct(png) : NULL;

	if (png)
		png_set_write_fn(png, out, png_append, png_flush_nothing);
	bool ok = info && png_draw(png, info, d, line, n);

	png_destroy_write_struct(&png, &info);
	mem_wipe(line, n);
	free(line);
	return ok && !out->overflow ? ERR_OK : ERR_LIMIT;
}

enum err qr_png(const char *text, struct buf *out)
{
	struct drawing d = { .code = encode(text, QR_ECLEVEL_M), .module = QR_MODULE };

	if (!d.code)
		return ERR_LIMIT;
	d.margin = QUIET * d.module;
	d.side = d.code->width * d.module + 2 * d.margin;
	enum err e = png_write(&d, out);

	code_free(d.code);
	return e;
}

enum err qr_png_fit(const char *text, int side, struct buf *out)
{
	struct drawing d = { .code = encode(text, QR_ECLEVEL_H), .side = side };

	if (!d.code)
		return ERR_LIMIT;
	int modules = d.code->width + 2 * QUIET;

	d.module = side / modules < MODULE_MIN ? MODULE_MIN : side / modules;
	if (modules * d.module > side)
		d.side = modules * d.module;
	d.margin = (d.side - d.code->width * d.module) / 2;
	enum err e = png_write(&d, out);

	code_free(d.code);
	return e;
}
