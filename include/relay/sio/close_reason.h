/*
 * Why a session ended, declared once: the word stands in the log's line about it and labels its metric.
 *
 *   X(noun, word)
 */
#ifndef DIALTONE_RELAY_SIO_CLOSE_REASON_H
#define DIALTONE_RELAY_SIO_CLOSE_REASON_H

/* First what clients and connections do, then what the server minds, then what the application wants. */
#define CLOSE_REASONS(X)                  \
	X(CLIENT, "client")               \
	X(LOST, "lost")                   \
	X(PING, "ping_timeout")           \
	X(PROTOCOL, "protocol")           \
	X(MESSAGES, "message_rate")       \
	X(STRANGERS, "strangers")         \
	X(LOGIN_TIME, "login_time")       \
	X(SLOW, "slow_client")            \
	X(QUEUED, "queued")               \
	X(STOPPED, "stopped")             \
	X(NOT_SERVED, "not_served")       \
	X(LOGIN_REFUSED, "login_refused") \
	X(REVOKED, "revoked")             \
	X(EXPIRED, "expired")             \
	X(TAKEOVER, "takeover")           \
	X(KICKED, "kicked")               \
	X(USER_SOCKETS, "user_sockets")   \
	X(MISTAKES, "bad_requests")       \
	X(PERMISSIONS, "permissions")     \
	X(RESYNC, "resync")               \
	X(DRAIN, "drain")

#define CLOSE_NOUN(noun, word) CLOSE_##noun,
/* CLOSE_NONE: it has not ended. */
enum close_reason { CLOSE_NONE, CLOSE_REASONS(CLOSE_NOUN) CLOSE_COUNT };
#undef CLOSE_NOUN

const char *close_reason_word(enum close_reason why);

#endif
