/* How a figure of dialtone-pbx is written, in both forms (daemon/figures_socket.h). */
#ifndef DIALTONE_PBX_FIGURE_PRIV_H
#define DIALTONE_PBX_FIGURE_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct figure {
	const char *name, *type, *help;
};

void figure_head(struct buf *out, bool open_metrics, const struct figure *f);
/* One value of it; kind NULL: the only one. */
void figure_line(
	struct buf *out, bool open_metrics, const struct figure *f, const char *kind, uint64_t n);
/* A figure with one value. */
void figure_put(struct buf *out, bool open_metrics, const struct figure *f, uint64_t n);

#endif
