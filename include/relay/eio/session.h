/*
 * The life of one Engine.IO session: what each packet means in its state, and the heartbeat
 * (realtime sections 6, 7 and 14).  Pure state: no socket, no clock.
 *
 * Every answer says whether the session's one timer is to be started afresh; which timer it is and
 * how long it lasts is asked from here.
 *
 *   EIO4   PING --due--> ping sent, PONG --pong--> PING      the server pings
 *          PONG --due--> over, or PING again for a client that never answered and is in its grace
 *   EIO3   IDLE restarts with every packet; due: over         the client pings
 */
#ifndef DIALTONE_RELAY_EIO_SESSION_H
#define DIALTONE_RELAY_EIO_SESSION_H

#include "relay/eio/handshake.h"
#include "relay/eio/packet.h"

enum eio_timer { EIO_TIMER_PING, EIO_TIMER_PONG, EIO_TIMER_IDLE, EIO_TIMERS };

struct eio_session {
	int64_t opened_ms;
	uint8_t version; /* enum eio_version */
	uint8_t timer;   /* enum eio_timer: the one that runs */
	bool answered;   /* a pong has come at least once */
	bool heard;      /* something has come since the last ping */
};

enum eio_verdict {
	EIO_NOTHING,   /* no effect outside */
	EIO_DELIVER,   /* a message for the layer above */
	EIO_SEND_PING, /* send "2" */
	EIO_SEND_PONG, /* send "3" */
	EIO_CLOSED,    /* the client said goodbye */
	EIO_TIMED_OUT, /* the client is gone */
	EIO_BROKEN     /* the client broke the protocol */
};

struct eio_step {
	enum eio_verdict verdict;
	bool restart; /* start the session's timer afresh */
};

/* The timer is to be started afterwards. */
void eio_session_init(struct eio_session *s, enum eio_version version, int64_t now_ms);
/* A packet came over the session's transport. */
struct eio_step eio_session_on_packet(struct eio_session *s, enum eio_type type);
/* The timer has run out. */
struct eio_step eio_session_on_timer(
	struct eio_session *s, const struct eio_settings *settings, int64_t now_ms);
/* How long a timer lasts. */
uint32_t eio_timer_ms(enum eio_timer timer, const struct eio_settings *settings);

#endif
