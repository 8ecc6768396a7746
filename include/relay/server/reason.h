/*
 * Why a client was refused or sent away, declared once: from the rows come the answer, the metric, and
 * the name of the setting that the log line tells.
 *
 *   X(noun, word, status, text, setting)   status 0: a session was ended, there is no answer
 */
#ifndef DIALTONE_RELAY_SERVER_REASON_H
#define DIALTONE_RELAY_SERVER_REASON_H

/* The first six are those of enum eio_refusal, in its order; their bodies have its codes. */
#define REASONS(X)                                                                  \
	X(TRANSPORT, "transport", 400, "", "")                                      \
	X(SID, "sid", 400, "", "")                                                  \
	X(HANDSHAKE_METHOD, "handshake_method", 400, "", "")                        \
	X(REQUEST, "request", 400, "", "")                                          \
	X(ORIGIN, "origin", 403, "", "allowed_origins")                             \
	X(VERSION, "version", 400, "", "")                                          \
	X(HEAD, "head", 400, "bad request", "")                                     \
	X(PATH, "path", 404, "not found", "")                                       \
	X(METHOD, "method", 405, "method not allowed", "")                          \
	X(LATE, "late", 408, "request timeout", "")                                 \
	X(LEGACY, "legacy", 410, "", "webrest_alias")                               \
	X(NO_LENGTH, "no_length", 411, "length required", "")                       \
	X(BODY_SIZE, "body_size", 413, "request body too large", "max_payload")     \
	X(HEAD_SIZE, "head_size", 431, "request header too large", "")              \
	X(ADDRESS_SESSIONS, "address_sessions", 429, "too many requests",           \
		"max_sessions_per_address")                                         \
	X(ADDRESS_LIVE_SESSIONS, "address_live_sessions", 429, "too many requests", \
		"max_live_sessions_per_address")                                    \
	X(ADDRESS_HANDSHAKES, "handshake_rate", 429, "too many requests",           \
		"handshakes_per_minute_per_address")                                \
	X(HANDSHAKES, "handshakes", 503, "service unavailable, try again",          \
		"handshakes_per_second")                                            \
	X(FULL, "full", 503, "service unavailable, try again", "max_connections")   \
	X(DRAINING, "draining", 503, "service unavailable, try again", "")          \
	X(MESSAGES, "message_rate", 0, "", "messages_per_second")                   \
	X(STRANGERS, "strangers", 0, "", "max_connections")                         \
	X(LOGIN_TIME, "login_time", 0, "", "login_timeout_ms")                      \
	X(SLOW, "slow_client", 0, "", "")                                           \
	X(QUEUED, "queued", 0, "", "max_queued_mib")

#define REASON_NOUN(noun, word, status, text, setting) REASON_##noun,
enum reason { REASONS(REASON_NOUN) REASON_COUNT };
#undef REASON_NOUN

struct reason_row {
	const char *word;
	int status;
	const char *text;    /* of the JSON body */
	const char *setting; /* which was hit; "": none */
};

extern const struct reason_row reason_table[REASON_COUNT];

#endif
