#include "jobs/cleanup.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "jobs_priv.h"

#define MINUTE 60
#define HOUR   3600

static const struct {
	const char *what;
	int64_t every_s;
} kinds[CLEANUP_COUNT] = {
	[CLEANUP_SESSIONS] = { "sessions that expired", HOUR },
	[CLEANUP_REVOKED_SESSIONS] = { "sessions that were ended", HOUR },
	[CLEANUP_API_KEYS] = { "unused API keys", MINUTE },
	[CLEANUP_DIGEST_NONCES] = { "expired nonces", MINUTE },
	[CLEANUP_RESET_TOKENS] = { "links that set a password", HOUR },
	[CLEANUP_WIZARDS] = { "links to the wizard", HOUR },
	[CLEANUP_AUTH_TOKENS] = { "tokens of QR code logins", MINUTE },
	[CLEANUP_GUESSES] = { "counters of wrong guesses", HOUR },
	[CLEANUP_JOBS] = { "old jobs that were given up or came too late", HOUR },
	[CLEANUP_JOB_PACES] = { "rates of spaces at rest", HOUR },
	[CLEANUP_EMAIL_CODES] = { "old codes for an e-mail address", HOUR },
	[CLEANUP_PHONE_CODES] = { "old codes for a phone number", HOUR },
	[CLEANUP_KNOWN_NETWORKS] = { "networks not used for long", HOUR },
	[CLEANUP_CREATION_TOKENS] = { "expired account creation tokens", HOUR },
	[CLEANUP_LEFT_TOKENS] = { "account creation tokens whose account is gone", HOUR },
	[CLEANUP_REQUEST_TOKENS] = { "expired account creation request tokens", HOUR },
	[CLEANUP_MESSAGES] = { "old statistics of messages", HOUR },
	[CLEANUP_MESSAGES_OF_GONE] = { "messages of deleted accounts", MINUTE },
	[CLEANUP_CALLS_OF_GONE] = { "calls of deleted accounts", MINUTE },
	[CLEANUP_ACCOUNTS_COUNTS] = { "counters of accounts, added up in others", MINUTE },
	[CLEANUP_GONE] = { "notes of deleted accounts", MINUTE },
	[CLEANUP_CALLS] = { "old statistics of calls", HOUR },
	[CLEANUP_HISTORY] = { "calls of long ago", HOUR },
	[CLEANUP_AUDIT] = { "old rows of the audit trail", HOUR },
	[CLEANUP_RECOVERY_TOKENS] = { "expired account recovery tokens", HOUR },
};

/* Returns the seconds until it should run again. */
static int64_t run(
	const struct cleanup_plan *plan, struct service *s, enum cleanup what, int64_t interval_s)
{
	int64_t removed;

	if (cleanup_store_run(s, what, plan, &removed) != ERR_OK)
		return interval_s;
	if (removed)
		log_info("removed %" PRId64 " %s", removed, kinds[what].what);
	if (removed == CLEANUP_AT_ONCE)
		return 0;
	return kinds[what].every_s > interval_s ? kinds[what].every_s : interval_s;
}

void cleanup_run_due(struct cleanup_plan *plan, struct service *s, int64_t interval_s)
{
	int64_t now = clock_ms();

	for (enum cleanup i = 0; i < CLEANUP_COUNT; i++)
		if (now >= plan->due_ms[i])
			plan->due_ms[i] = now + run(plan, s, i, interval_s) * 1000;
}
