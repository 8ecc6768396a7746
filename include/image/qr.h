/*
 * A text as a QR code (ISO/IEC 18004), drawn as SVG or PNG, with the quiet zone of four modules.
 *
 * Error correction is level M where nothing else is said.  What the text means is the caller's business; it may be a secret, so
 * the copies made here are wiped.
 */
#ifndef DIALTONE_IMAGE_QR_H
#define DIALTONE_IMAGE_QR_H

#include "base/buf.h"
#include "base/err.h"

#define QR_TEXT_MAX 2048 /* bytes */
#define QR_MODULE   8    /* pixels a module takes in a PNG */

/* Both append to out.  ERR_LIMIT: the text is empty or longer than QR_TEXT_MAX, or out is full. */
MUST_CHECK enum err qr_svg(const char *text, struct buf *out);
/* 1 bit per pixel. */
MUST_CHECK enum err qr_png(const char *text, struct buf *out);
/* The same, `side` pixels wide, or more where a module would have less than two, with error correction of level H:
 * for pictures that are printed, sent around or shown beside others. */
MUST_CHECK enum err qr_png_fit(const char *text, int side, struct buf *out);

#endif
