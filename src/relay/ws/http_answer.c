#include "relay/ws/http_answer.h"

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 204, "No Content" },
	{ 400, "Bad Request" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 413, "Content Too Large" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 503, "Service Unavailable" },
};

static const char *reason_of(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

void http_answer_put(struct buf *out, const struct http_answer *a)
{
	buf_printf(out, "HTTP/1.1 %d %s\r\n", a->status, reason_of(a->status));
	if (a->type)
		buf_printf(out, "Content-Type: %s\r\n", a->type);
	buf_printf(out, "Content-Length: %zu\r\n", a->body.n);
	if (a->headers)
		buf_add_str(out, a->headers);
	buf_add_str(out, a->close ? "Connection: close\r\n\r\n" : "\r\n");
	if (!a->no_body)
		buf_add(out, a->body.p, a->body.n);
}
