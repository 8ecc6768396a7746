#include "resources/messages/message.h"

#include "base/sip_address.h"
#include "crypto/random.h"
#include "messages_priv.h"
#include "service/sip_request.h"
#include "service/waiting.h"

static const struct text not_delivered = { "message_not_delivered",
	"The {f} does not take messages now." };

bool message_can_be_sent(const struct service *s)
{
	return s->settings->sip_message_backend != SIP_MESSAGES_NONE;
}

/* A message on its way. */
struct sending {
	const struct message *message;
	const char *from, *to; /* SIP URIs */
	const char *id;
};

/* Version 4 of RFC 4122. */
static const char *new_uuid(struct arena *arena)
{
	unsigned char b[16];

	random_bytes(b, sizeof(b));
	b[6] = (unsigned char)(0x40 | (b[6] & 0x0f));
	b[8] = (unsigned char)(0x80 | (b[8] & 0x3f));
	return arena_printf(arena,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		b[15]);
}

static enum err refuse_receiver(struct service *s)
{
	field_errors_add(s->errors, "to", &not_delivered);
	return ERR_INVALID;
}

static enum err by_kamailio(struct service *s, void *arg, int64_t until_ms)
{
	struct sending *m = arg;
	const struct sip_request r = {
		.method = "MESSAGE",
		.uri = m->to,
		.from = arena_printf(s->arena, "<%s>", m->from),
		.to = arena_printf(s->arena, "<%s>", m->to),
		.headers = "Content-Type: text/plain;charset=UTF-8\r\n",
		.body = m->message->body,
	};
	int64_t status;
	enum err e = sip_request_send(s, &r, until_ms, &status);

	if (e != ERR_OK)
		return e;
	m->id = new_uuid(s->arena);
	return status / 100 == 2 ? ERR_OK : refuse_receiver(s);
}

static enum err by_linphone_daemon(struct service *s, void *arg, int64_t until_ms)
{
	struct sending *m = arg;
	enum err e = linphone_daemon_send(s->settings->linphone_daemon_socket, m->to,
		m->message->body, until_ms, s->arena, &m->id);

	if (e == ERR_CONFLICT)
		return refuse_receiver(s);
	return e == ERR_UNAVAILABLE ? sip_server_is_away(s) : e;
}

enum err message_send(struct service *s, const char *from_user, const char *from_domain,
	const struct message *m, const char **ret_id)
{
	const struct sip_address to = sip_address_from_uri(s->arena, str_from(m->to));
	struct sending sending = {
		.message = m,
		.from = sip_uri_of(s->arena, from_user, from_domain),
		.to = sip_uri_of(s->arena, to.user, to.domain),
	};
	bool alone = s->settings->sip_message_backend == SIP_MESSAGES_LINPHONE;
	enum err e = alone ? waiting_in_turn_for(s, by_linphone_daemon, &sending)
			   : waiting_for(s, by_kamailio, &sending);

	if (e == ERR_OK)
		*ret_id = sending.id;
	return e;
}
