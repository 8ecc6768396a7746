#include "resources/contact_changes/contact_change.h"

#include <inttypes.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "contact_changes_priv.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "phone/phone.h"
#include "service/constraint.h"
#include "service/job.h"
#include "service/limit.h"
#include "service/transaction.h"

#define TRIES 3 /* accounts-api 9.4 */

const struct refusal not_validated = { 403, "not_validated",
	"This account was never validated by a creation token." };
const struct refusal contact_code_over = { 410, "code_expired", "This code has expired." };

static const struct text text_bad_code = { "bad_code", "This code is wrong." };
static const struct text text_own_address = { "own_address",
	"This is the {f} of the account already." };

static const char *const kind_names[CONTACT_KINDS] = { "email", "phone" };

/* What is to be sent, and in which language. */
struct code_message {
	const char *to, *code, *language;
	int64_t minutes; /* the code is good for so long */
};

/* clang-format off */
#define MESSAGE_FIELDS(member)                                                                     \
	FIELD_TEXT_AS(code_message, to, member),                                                   \
	FIELD_TEXT(code_message, code),                                                             \
	FIELD_TEXT(code_message, language),                                                         \
	FIELD_INT(code_message, minutes)
/* clang-format on */
static const struct field mail_fields[] = { MESSAGE_FIELDS("email"), FIELDS_END };
static const struct field sms_fields[] = { MESSAGE_FIELDS("phone"), FIELDS_END };
static const struct job_kind job_kinds[CONTACT_KINDS] = {
	[CONTACT_EMAIL] = { "mail.email_change_code", mail_fields, true },
	[CONTACT_PHONE] = { "sms.phone_change_code", sms_fields, true },
};

struct requesting {
	const struct identity *who;
	enum contact_kind kind;
	const char *value, *language;
	enum err outcome; /* of what is kept although it is refused */
};

static int64_t minutes_of(const struct service *s, enum contact_kind kind)
{
	return kind == CONTACT_EMAIL ? s->settings->email_change_code_expiration_minutes
				     : s->settings->phone_change_code_expiration_minutes;
}

/* With a key of the server: a plain hash of four digits would tell them. */
static const char *hash_of(struct service *s, const struct key *key, enum contact_kind kind,
	const struct change_row *row, const char *code)
{
	const char *text = arena_printf(s->arena, "change:%s:%" PRId64 ":%s:%s", kind_names[kind],
		row->account_id, row->value, code);

	return hash_hmac_hex(s->arena, key, text);
}

static bool code_fits(
	struct service *s, enum contact_kind kind, const struct change_row *row, const char *code)
{
	const struct key *key;
	bool fits = false;

	for (size_t n = 0; n < KEYS_KEPT && (key = keyring_at(s->keys, KEY_TOKEN, n)); n++)
		fits |= secret_is_equal(
			str_from(hash_of(s, key, kind, row, code)), str_from(row->code_hash));
	return fits;
}

static enum err add_job(struct service *s, const struct requesting *r, const struct change_row *row,
	const char *code)
{
	const struct code_message message = { r->value, code, r->language, minutes_of(s, r->kind) };

	return job_add(
		s, &job_kinds[r->kind], r->who->domain, row->account_id, row->expires_at, &message);
}

static enum err add_code(struct service *s, const struct requesting *r)
{
	const char *code = random_pin(s->arena);
	struct change_row row = { .account_id = r->who->account_id,
		.value = r->value,
		.ip = s->client.ip,
		.user_agent = s->client.user_agent,
		.expires_at = clock_wall_us() + minutes_of(s, r->kind) * CLOCK_MINUTE_US };
	enum err e = ERR_OK;

	row.code_hash = hash_of(s, keyring_current(s->keys, KEY_TOKEN), r->kind, &row, code);
	if (s->settings->admin_show_codes)
		e = seal(s->keys, str_from(code), account_change_code_context, s->arena,
			&row.code_sealed);
	if (e == ERR_OK)
		e = change_store_add(s, r->kind, &row);
	return e == ERR_OK ? add_job(s, r, &row, code) : e;
}

static enum err check_value(
	struct service *s, const struct identity *who, enum contact_kind kind, const char *value)
{
	bool email = kind == CONTACT_EMAIL;

	return account_contact_check(
		s, who->domain, email ? value : NULL, email ? NULL : value, who->account_id);
}

static enum err check_request(
	struct service *s, const struct requesting *r, const struct change_state *now)
{
	enum err e = ERR_OK;

	if (r->value && r->kind == CONTACT_EMAIL && now->email &&
		strcasecmp(r->value, now->email) == 0)
		field_errors_add(s->errors, kind_names[r->kind], &text_own_address);
	else if (r->value)
		e = check_value(s, r->who, r->kind, r->value);
	return e == ERR_OK && s->errors->count ? ERR_INVALID : e;
}

static enum err block(struct service *s, struct requesting *r, int64_t requests)
{
	log_warn("account=%" PRId64 " is blocked: it asked for %" PRId64 " codes in %" PRId64
		 " minutes, address=%s; an administrator unblocks it",
		r->who->account_id, requests, s->settings->blocking_time_period_check,
		s->client.ip);
	limit_note(s, LIMIT_CHANGE_REQUESTS);
	r->outcome = ERR_BLOCKED;
	return change_store_block(s, r->who->account_id);
}

static enum err request(struct service *s, void *arg)
{
	struct requesting *r = arg;
	const struct rule_settings *settings = s->settings;
	int64_t limit = settings->blocking_amount_events_authorized_during_period;
	struct change_state now;
	enum err e = change_store_state(
		s, r->who->account_id, settings->blocking_time_period_check, &now);

	r->outcome = ERR_OK;
	if (e != ERR_OK)
		return e;
	if (limit && now.requests >= limit)
		return block(s, r, now.requests);
	if (settings->contact_change_requires_creation_token && !now.validated)
		return refused(s, &not_validated);
	e = check_request(s, r, &now);
	return e == ERR_OK ? add_code(s, r) : e;
}

/* As it is stored. */
static const char *form_of(struct service *s, enum contact_kind kind, const char *value)
{
	struct phone_number number;

	if (!value || kind == CONTACT_EMAIL || !phone_number_parse(str_from(value), &number))
		return value;
	return arena_strdup(s->arena, number.e164);
}

enum err contact_change_request(struct service *s, const struct identity *who,
	enum contact_kind kind, const char *value, const char *language)
{
	struct requesting r = {
		.who = who, .kind = kind, .value = form_of(s, kind, value), .language = language
	};
	enum err e = service_transaction(s, request, &r);

	return e == ERR_OK ? r.outcome : e;
}

struct confirming {
	const struct identity *who;
	enum contact_kind kind;
	const struct change_row *row;
	struct account *ret;
};

static const struct constraint_text taken_meanwhile[] = {
	{ "accounts_email_key", "email", &text_taken },
	{ "accounts_phone_key", "phone", &text_taken },
	{ NULL },
};

/* The account is locked first, as everything does that changes both. */
static enum err confirm(struct service *s, void *arg)
{
	const struct confirming *c = arg;
	const struct identity *who = c->who;
	struct change_state now;
	enum err e = change_store_state(s, who->account_id, 0, &now);

	if (e == ERR_OK)
		e = change_store_consume(s, c->kind, c->row);
	if (e == ERR_OK)
		e = check_value(s, who, c->kind, c->row->value);
	if (e == ERR_OK && s->errors->count)
		e = ERR_INVALID;
	if (e == ERR_OK)
		e = as_field(s, change_store_apply(s, c->kind, c->row), taken_meanwhile);
	return e == ERR_OK
		       ? account_find(s, who->domain, ACCOUNT_BY_USERNAME, who->username, c->ret)
		       : e;
}

static enum err why_not(struct service *s, const struct identity *who, enum contact_kind kind)
{
	int64_t tries;
	enum err e = change_store_tries(s, kind, who->account_id, &tries);

	if (e != ERR_OK)
		return e;
	if (tries >= TRIES)
		limit_note(s, LIMIT_CHANGE_TRIES);
	return refused(s, &contact_code_over);
}

enum err contact_change_confirm(struct service *s, const struct identity *who,
	enum contact_kind kind, const char *code, struct account *ret)
{
	struct change_row row;
	enum err e = change_store_try(s, kind, who->account_id, TRIES, &row);

	if (e == ERR_NOT_FOUND)
		return why_not(s, who, kind);
	if (e != ERR_OK)
		return e;
	if (!code_fits(s, kind, &row, code)) {
		field_errors_add(s->errors, "code", &text_bad_code);
		return ERR_INVALID;
	}
	return service_change(s, confirm, &(struct confirming){ who, kind, &row, ret });
}
