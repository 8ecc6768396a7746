#include "relay/eio/session.h"

void eio_session_init(struct eio_session *s, enum eio_version version, int64_t now_ms)
{
	*s = (struct eio_session){
		.opened_ms = now_ms,
		.version = (uint8_t)version,
		.timer = version == EIO_VERSION_4 ? EIO_TIMER_PING : EIO_TIMER_IDLE,
	};
}

/* A pong that was not asked for changes nothing. */
static struct eio_step on_pong(struct eio_session *s)
{
	if (s->version == EIO_VERSION_3)
		return (struct eio_step){ EIO_BROKEN, false };
	if (s->timer != EIO_TIMER_PONG)
		return (struct eio_step){ EIO_NOTHING, false };
	s->answered = true;
	s->timer = EIO_TIMER_PING;
	return (struct eio_step){ EIO_NOTHING, true };
}

static enum eio_verdict verdict_on(const struct eio_session *s, enum eio_type type)
{
	switch (type) {
	case EIO_MESSAGE:
		return EIO_DELIVER;
	case EIO_CLOSE:
		return EIO_CLOSED;
	case EIO_PING:
		return s->version == EIO_VERSION_3 ? EIO_SEND_PONG : EIO_BROKEN;
	default:
		return EIO_NOTHING;
	}
}

struct eio_step eio_session_on_packet(struct eio_session *s, enum eio_type type)
{
	s->heard = true;
	if (type == EIO_PONG)
		return on_pong(s);
	return (struct eio_step){ verdict_on(s, type), s->timer == EIO_TIMER_IDLE };
}

/* Any packet since the ping shows that the client lives, not the pong alone; and one that has never
 * answered is a person at a command line, who has some minutes. */
static bool may_stay(
	const struct eio_session *s, const struct eio_settings *settings, int64_t now_ms)
{
	return s->heard ||
	       (!s->answered && now_ms - s->opened_ms < (int64_t)settings->silent_grace_ms);
}

struct eio_step eio_session_on_timer(
	struct eio_session *s, const struct eio_settings *settings, int64_t now_ms)
{
	if (s->timer == EIO_TIMER_IDLE)
		return (struct eio_step){ EIO_TIMED_OUT, false };
	if (s->timer == EIO_TIMER_PING) {
		s->timer = EIO_TIMER_PONG;
		s->heard = false;
		return (struct eio_step){ EIO_SEND_PING, true };
	}
	if (!may_stay(s, settings, now_ms))
		return (struct eio_step){ EIO_TIMED_OUT, false };
	s->timer = EIO_TIMER_PING;
	return (struct eio_step){ EIO_NOTHING, true };
}

uint32_t eio_timer_ms(enum eio_timer timer, const struct eio_settings *settings)
{
	switch (timer) {
	case EIO_TIMER_PING:
		return settings->ping_interval_ms;
	case EIO_TIMER_PONG:
		return settings->ping_timeout_ms;
	default:
		return settings->ping_interval_ms + settings->ping_timeout_ms;
	}
}
