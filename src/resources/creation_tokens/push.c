/* Tokens that a device gets by a push notification: who receives it is a device, and no script. */
#include "base/clock.h"
#include "creation_tokens_priv.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "service/refusal.h"

#define UNUSED_MAX 3 /* tokens of a device that it has not used, in the time of the throttle */

const struct refusal push_throttled = { 403, "push_throttled",
	"This device has had a token lately, retry later." };
const struct refusal push_throttled_429 = { 429, "push_too_many",
	"This device asks for too many tokens, retry later." };
static int64_t retry_minutes(const struct service *s, enum push_purpose purpose)
{
	return purpose == PUSH_CREATION ? s->settings->account_creation_token_retry_minutes
					: s->settings->account_recovery_token_retry_minutes;
}

static enum err check_throttle(struct service *s, enum push_purpose purpose, const char *domain,
	const struct push_device *device)
{
	const struct push_query q = { domain, device->pn_provider, device->pn_param,
		device->pn_prid, retry_minutes(s, purpose), UNUSED_MAX };
	int64_t seconds;
	enum err e = push_store_wait(s, purpose, &q, &seconds);

	if (e != ERR_OK || seconds == 0)
		return e;
	s->retry_after_s = seconds;
	return refused(s, s->settings->push_token_throttle_status == THROTTLE_403
				  ? &push_throttled
				  : &push_throttled_429);
}

static int64_t end_of(const struct service *s, enum push_purpose purpose)
{
	int64_t minutes = purpose == PUSH_CREATION
				  ? s->settings->account_creation_token_expiration_minutes
				  : s->settings->account_recovery_token_expiration_minutes;

	return minutes ? clock_wall_us() + minutes * CLOCK_MINUTE_US : 0;
}

/* The token reaches the device before it opens anything: one that was not sent is never stored. */
enum err push_token_send(struct service *s, enum push_purpose purpose, const char *domain,
	const struct push_device *device)
{
	const char *token = random_token(s->arena, CREATION_TOKEN_LENGTH);
	const struct pushed_token row = { hash_text(s->arena, token), domain, *device,
		end_of(s, purpose), s->client.ip, s->client.user_agent };
	enum err e = check_throttle(s, purpose, domain, device);

	if (e == ERR_OK)
		e = push_to_device(s, device, PUSH_BACKGROUND, NULL,
			arena_printf(s->arena, "{\"token\":\"%s\"}", token));
	return e == ERR_OK ? push_store_add(s, purpose, &row) : e;
}
