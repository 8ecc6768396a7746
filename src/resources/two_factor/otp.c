#include "otp.h"

#include <string.h>

#include "base/clock.h"
#include "base/sip_address.h"
#include "crypto/totp.h"
#include "recovery_code.h"
#include "service/count.h"
#include "service/limit.h"
#include "service/refusal.h"
#include "service/transaction.h"
#include "resources/api_keys/api_key.h"
#include "resources/two_factor/two_factor.h"
#include "events/outbox.h"
#include "identity/failed_login.h"
#include "identity/guesses.h"
#include "resources/sessions/session.h"
#include "two_factor_priv.h"

#define GUESSES          5
#define GUESS_SECONDS    (15 * 60)
#define GUESS_DOUBLINGS  6
#define SESSION_GUESSES  10
#define REPLACED_GRACE_S 10 /* cti-api 1.3: calls in flight */
#define DAY_S            (24 * 3600)

/* One answer on its way, through a transaction that may run twice. */
struct attempt {
	const struct identity *who;
	const char *otp, *subject;
	struct two_factor_row row;
	struct guess_count counted;
	int64_t step; /* of a right time-based code */
	bool matched;
	struct session_purpose purpose;
	struct opened_session made;
};

const struct refusal username_mismatch = { 403, "username_mismatch",
	UNTRANSLATED("username mismatch") };
const struct refusal otp_no_secret = { 400, "otp_no_secret",
	UNTRANSLATED("user secret not found") };
const struct refusal otp_wrong = { 400, "otp_wrong", UNTRANSLATED("invalid_otp") };

const char *otp_parse(struct arena *arena, const char *typed)
{
	char *digits = arena_alloc(arena, TOTP_DIGITS + 1);
	size_t n = 0;

	for (; *typed; typed++) {
		if (*typed == ' ' || *typed == '\t')
			continue;
		if (n == TOTP_DIGITS || *typed < '0' || *typed > '9')
			return NULL;
		digits[n++] = *typed;
	}
	return n == TOTP_DIGITS ? digits : NULL;
}

/* A client may name the user it asks for; then it has to be the session's. */
static bool names_caller(const struct identity *who, const char *username, struct arena *arena)
{
	struct sip_address name = sip_address_from_name(arena, str_from(username));

	return sip_address_is(&name, who->username, who->domain);
}

static struct failed_login failure_of(const struct identity *who, enum login_fault fault)
{
	return (struct failed_login){ DOOR_SECOND_FACTOR, fault, who->account_id, who->username,
		who->domain };
}

/* A refused guess counts against the session as well. */
static enum err count_guess(struct service *s, struct attempt *a)
{
	const struct guess_rule rule = { GUESSES, GUESS_SECONDS, GUESS_DOUBLINGS };
	enum err e = guess_add(s, a->subject, &rule, &a->counted);

	if (e != ERR_OK || a->counted.failures <= GUESSES)
		return e;
	const struct failed_login f = failure_of(a->who, FAULT_LOCKED);

	failed_login_log(s, &f);
	s->retry_after_s = a->counted.wait_s;
	count_note(s, COUNT_CODE_LOCKED);
	limit_note(s, LIMIT_CODE_LOCK);
	e = session_count_wrong_code(s, a->who->jti, SESSION_GUESSES);
	return e == ERR_OK ? ERR_TOO_MANY : e;
}

/* A secret that no key opens matches nothing: a wrong code, not a failure. */
static enum err match(struct service *s, struct attempt *a)
{
	const uint8_t *secret;
	enum err e = two_factor_secret(
		s, a->who->account_id, a->row.secret.p ? a->row.secret : a->row.pending, &secret);

	if (e == ERR_OK)
		a->matched = totp_check(
			secret, clock_wall_us() / CLOCK_SECOND_US, str_from(a->otp), &a->step);
	return e == ERR_GONE ? ERR_OK : e;
}

/* The end of a set-up takes a time-based code: a recovery code would prove no working app. */
static enum err end_setup(struct service *s, const struct attempt *a)
{
	enum err e;

	if (!a->matched)
		return refused(s, &otp_wrong);
	e = two_factor_store_enable(s, a->who->account_id, a->row.pending, a->step);
	if (e == ERR_OK)
		e = session_end_all_but(s, a->who->account_id, a->who->jti, a->made.jti);
	/* It was made with the password alone. */
	if (e == ERR_OK)
		e = api_key_drop_own(s, a->who->account_id);
	return e == ERR_NOT_FOUND ? refused(s, &otp_wrong) : e;
}

static enum err take_code(struct service *s, const struct attempt *a)
{
	enum err e = a->matched ? two_factor_store_use_step(s, a->who->account_id, a->step)
				: recovery_code_use(s, a->who->account_id, a->otp);

	return e == ERR_CONFLICT || e == ERR_NOT_FOUND ? refused(s, &otp_wrong) : e;
}

static enum err accept(struct service *s, void *arg)
{
	struct attempt *a = arg;
	bool is_setup = !a->row.secret.p;
	enum err e = is_setup ? ERR_OK : take_code(s, a);

	if (e == ERR_OK)
		e = session_open(s, a->who, &a->purpose, &a->made);
	if (e == ERR_OK && is_setup)
		e = end_setup(s, a);
	if (e != ERR_OK)
		return e;
	e = session_replace(s, a->who->jti, a->made.jti, REPLACED_GRACE_S);
	if (e == ERR_NOT_FOUND)
		return ERR_TOKEN_REVOKED;
	return e == ERR_OK ? guess_clear(s, a->subject) : e;
}

/* The guess that reached the limit may have been right: only now it is known to have locked. */
static enum err count_wrong(struct service *s, void *arg)
{
	const struct attempt *a = arg;
	enum err e = session_count_wrong_code(s, a->who->jti, SESSION_GUESSES);

	if (e != ERR_OK || a->counted.failures < GUESSES)
		return e;
	return event_add(s, EVENT_LOGIN_LOCKED, a->who->account_id,
		&(struct lock_facts){ "otp_locked", a->counted.ends_at });
}

static enum err wrong(struct service *s, struct attempt *a)
{
	const struct failed_login f = failure_of(a->who, FAULT_CODE);
	enum err e = service_transaction(s, count_wrong, a);

	failed_login_log(s, &f);

	if (e != ERR_OK)
		return e;
	count_note(s, COUNT_CODE_WRONG);
	if (a->counted.failures == GUESSES)
		count_note(s, COUNT_LOCK_CODE);
	if (a->counted.failures == GUESSES)
		failed_login_log_lock(s, &f, LOCK_SECOND_FACTOR, a->counted.wait_s);
	return refused(s, &otp_wrong);
}

static enum err accept_again(struct service *s, void *arg)
{
	struct attempt *a = arg;
	enum err e = take_code(s, a);

	return e == ERR_OK ? guess_clear(s, a->subject) : e;
}

/* Counted first, so that parallel guesses cannot outrun the limit. */
static enum err judge(struct service *s, struct attempt *a,
	enum err (*transaction)(struct service *, enum err (*)(struct service *, void *), void *),
	enum err (*when_right)(struct service *, void *))
{
	enum err e = count_guess(s, a);

	if (e == ERR_OK)
		e = match(s, a);
	if (e == ERR_OK)
		e = transaction(s, when_right, a);
	if (e == ERR_OK)
		count_note(s, COUNT_CODE_RIGHT);
	return refused_as(s, e, &otp_wrong) ? wrong(s, a) : e;
}

static const char *subject_of(struct service *s, const struct identity *who)
{
	return arena_printf(s->arena, "otp:%lld", (long long)who->account_id);
}

enum err otp_show_again(struct service *s, const struct identity *who, const char *otp)
{
	struct attempt a = { .who = who, .otp = otp, .subject = subject_of(s, who) };
	enum err e = two_factor_store_get(s, who->account_id, &a.row);

	if (e == ERR_NOT_FOUND || (e == ERR_OK && !a.row.secret.p))
		return refused(s, &otp_no_secret);
	return e == ERR_OK ? judge(s, &a, service_transaction, accept_again) : e;
}

enum err otp_verify(struct service *s, const struct identity *who, const struct otp_answer *answer,
	struct opened_session *ret)
{
	struct attempt a = { .who = who,
		.otp = answer->otp,
		.subject = subject_of(s, who),
		.purpose = { .two_factor = true,
			.otp_verified = true,
			.seconds = s->settings->session_days * DAY_S } };
	enum err e;

	if (answer->username && !names_caller(who, answer->username, s->arena))
		return refused(s, &username_mismatch);
	e = two_factor_store_get(s, who->account_id, &a.row);
	if (e != ERR_OK)
		return e == ERR_NOT_FOUND ? refused(s, &otp_no_secret) : e;
	/* A login is told in the log, the end of a set-up in the trail as well. */
	e = judge(s, &a, a.row.secret.p ? service_transaction : service_change, accept);
	if (e != ERR_OK)
		return e;
	session_copy_open(s, who, &a.purpose, &a.made);
	*ret = a.made;
	return ERR_OK;
}
