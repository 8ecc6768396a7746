/*
 * What clients of the API are refused for its limits, declared once: from the rows come the figures that
 * an operator reads, and the name of the setting that the log line tells.
 *
 *   X(NOUN, reason, status, setting)   setting "": none
 *
 * Counts are shared by all workers of a supervisor, and outlive them.
 */
#ifndef DIALTONE_SERVICE_LIMIT_H
#define DIALTONE_SERVICE_LIMIT_H

#include "service/service.h"

#define LIMITS(X)                                                                     \
	X(REQUESTS, "request_rate", 429, "request_rate")                              \
	X(ACCOUNT_REQUESTS, "account_requests", 429, "account_requests_per_minute")   \
	X(STRANGERS, "stranger_rate", 429, "stranger_rate")                           \
	X(TOKENS_MINUTE, "public_tokens_per_minute", 429, "public_tokens_per_minute") \
	X(TOKENS_DAY, "public_tokens_per_day", 429, "public_tokens_per_day")          \
	X(PUSH, "push_notifications", 429, "push_notifications_per_hour")             \
	X(PASSWORD_LOCK, "password_lock", 401, "password_failures_per_account")       \
	X(NETWORK_LOCK, "network_lock", 401, "password_failures_per_address")         \
	X(CODE_LOCK, "code_lock", 429, "")                                            \
	X(CHANGE_REQUESTS, "change_requests", 403,                                    \
		"blocking_amount_events_authorized_during_period")                    \
	X(CHANGE_TRIES, "change_tries", 410, "")                                      \
	X(BODY_SIZE, "body_size", 413, "")                                            \
	X(STORED, "limit_reached", 403, "")                                           \
	X(CONTACTS, "contacts_too_many", 403, "")                                     \
	X(DIRECTORY, "directory_too_large", 200, "")                                  \
	X(WAITING, "waiting_full", 503, "workers")

#define LIMIT_NOUN(noun, reason, status, setting) LIMIT_##noun,
enum limit { LIMITS(LIMIT_NOUN) LIMIT_COUNT };
#undef LIMIT_NOUN

struct limit_row {
	const char *reason;
	int status;
	const char *setting;
};
extern const struct limit_row limit_rows[LIMIT_COUNT];

/* Made before workers fork, and never freed. */
struct limit_counts *limit_counts_new(void);
uint64_t limit_count(const struct limit_counts *counts, enum limit limit);

/* Of one process. counts is kept. */
struct limits *limits_new(struct limit_counts *counts);
void limits_free(struct limits **l);

/* The client of this request was refused: counts it, and logs one a second of each reason. */
void limit_note(const struct service *s, enum limit limit);
/* Tells how many were left out when a flood is over; to be called now and then. */
void limits_report(struct limits *l);

#endif
