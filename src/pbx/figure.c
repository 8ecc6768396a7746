#include <inttypes.h>
#include <string.h>

#include "figure_priv.h"

#define NAME "dialtone_pbx_"

void figure_head(struct buf *out, bool open_metrics, const struct figure *f)
{
	if (open_metrics)
		buf_printf(out, "# TYPE " NAME "%s %s\n# HELP " NAME "%s %s\n", f->name, f->type,
			f->name, f->help);
}

static void add_kind(struct buf *out, const char *before, const char *kind, const char *behind)
{
	if (kind)
		buf_printf(out, "%skind=\"%s\"%s", before, kind, behind);
}

void figure_line(
	struct buf *out, bool open_metrics, const struct figure *f, const char *kind, uint64_t n)
{
	bool is_counter = strcmp(f->type, "counter") == 0;

	if (open_metrics)
		buf_printf(out, NAME "%s%s", f->name, is_counter ? "_total" : "");
	else
		buf_printf(out, "%s\t", f->name);
	add_kind(out, open_metrics ? "{" : "", kind, open_metrics ? "}" : "");
	buf_printf(out, "%s%" PRIu64 "\n", open_metrics ? " " : "\t", n);
}

void figure_put(struct buf *out, bool open_metrics, const struct figure *f, uint64_t n)
{
	figure_head(out, open_metrics, f);
	figure_line(out, open_metrics, f, NULL, n);
}
