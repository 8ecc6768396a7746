#include "api/figures.h"

#include <inttypes.h>

#define NAME "dialtone_api_refused"

void api_figures_put(void *arg, bool open_metrics, struct buf *out)
{
	const struct limit_counts *counts = arg;

	if (open_metrics)
		buf_add_str(out, "# TYPE " NAME " counter\n# HELP " NAME
				 " Requests refused for a limit, by reason\n");
	for (int i = 0; i < LIMIT_COUNT; i++)
		buf_printf(out,
			open_metrics ? NAME "_total{reason=\"%s\"} %" PRIu64 "\n"
				     : "refused\treason=\"%s\"\t%" PRIu64 "\n",
			limit_rows[i].reason, limit_count(counts, (enum limit)i));
	if (open_metrics)
		buf_add_str(out, "# EOF\n");
}
