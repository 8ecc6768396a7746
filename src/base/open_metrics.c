#include "base/open_metrics.h"

void open_metrics_answer(struct buf *out, const struct buf *text)
{
	buf_printf(out,
		"HTTP/1.1 200 OK\r\n"
		"Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"
		"Content-Length: %zu\r\nConnection: close\r\n\r\n",
		text->n);
	buf_add(out, text->p, text->n);
}
