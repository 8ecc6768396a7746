#include "relay/eio/handshake.h"

#include <string.h>

static const struct {
	int status;
	const char *message;
} refusals[] = {
	[EIO_TRANSPORT_UNKNOWN] = { 400, "Transport unknown" },
	[EIO_SID_UNKNOWN] = { 400, "Session ID unknown" },
	[EIO_BAD_METHOD] = { 400, "Bad handshake method" },
	[EIO_BAD_REQUEST] = { 400, "Bad request" },
	[EIO_FORBIDDEN] = { 403, "Forbidden" },
	[EIO_BAD_VERSION] = { 400, "Unsupported protocol version" },
};

static unsigned transport_of(const char *name)
{
	if (!name)
		return 0;
	if (strcmp(name, "polling") == 0)
		return EIO_POLLING;
	return strcmp(name, "websocket") == 0 ? EIO_WEBSOCKET : 0;
}

static unsigned version_of(const char *text)
{
	if (!text || (strcmp(text, "3") != 0 && strcmp(text, "4") != 0))
		return 0;
	return (unsigned)(text[0] - '0');
}

enum eio_refusal eio_request_check(const struct eio_request *request, unsigned transports,
	unsigned versions, struct eio_opening *ret)
{
	unsigned transport = transport_of(request->transport);
	unsigned version = version_of(request->version);

	if (!(transport & transports))
		return EIO_TRANSPORT_UNKNOWN;
	if (!version || !(versions & 1U << version))
		return EIO_BAD_VERSION;
	*ret = (struct eio_opening){ (enum eio_transport)transport, (enum eio_version)version };
	return EIO_ACCEPTED;
}

enum eio_refusal eio_opening_check(const struct eio_request *request, unsigned transports,
	unsigned versions, struct eio_opening *ret)
{
	struct eio_opening opening;
	enum eio_refusal refusal = eio_request_check(request, transports, versions, &opening);

	if (refusal != EIO_ACCEPTED)
		return refusal;
	if (!request->is_get)
		return EIO_BAD_METHOD;
	if (request->malformed || (opening.transport == EIO_WEBSOCKET) != request->asks_upgrade)
		return EIO_BAD_REQUEST;
	*ret = opening;
	return EIO_ACCEPTED;
}

int eio_refusal_status(enum eio_refusal r)
{
	return refusals[r].status;
}

void eio_refusal_put(struct buf *out, enum eio_refusal r)
{
	buf_printf(out, "{\"code\":%d,\"message\":\"%s\"}", (int)r, refusals[r].message);
}

void eio_open_put(struct buf *out, const struct eio_settings *settings, const char *sid,
	enum eio_transport transport)
{
	buf_printf(out,
		"0{\"sid\":\"%s\",\"upgrades\":[%s],\"pingInterval\":%u,\"pingTimeout\":%u,"
		"\"maxPayload\":%u}",
		sid, transport == EIO_POLLING ? "\"websocket\"" : "", settings->ping_interval_ms,
		settings->ping_timeout_ms, settings->max_payload);
}
