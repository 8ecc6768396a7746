#include "relay/ws/http_answer.h"

#include "base/http_status.h"

void http_answer_put(struct buf *out, const struct http_answer *a)
{
	buf_printf(out, "HTTP/1.1 %d %s\r\n", a->status, http_status_reason(a->status));
	if (a->type)
		buf_printf(out, "Content-Type: %s\r\n", a->type);
	buf_printf(out, "Content-Length: %zu\r\n", a->body.n);
	if (a->headers)
		buf_add_str(out, a->headers);
	buf_add_str(out, a->close ? "Connection: close\r\n\r\n" : "\r\n");
	if (!a->no_body)
		buf_add(out, a->body.p, a->body.n);
}
