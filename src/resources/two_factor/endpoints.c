/* The second factor (cti-api 1.7 to 1.11). */
#include "http/ctx.h"
#include "service/caller.h"
#include "service/refusal.h"
#include "service/service.h"

#include "base/clock.h"
#include "base/json_schema.h"
#include "base/json_writer.h"
#include "resources/accounts/account.h"
#include "otp.h"
#include "recovery_code.h"
#include "resources/two_factor/two_factor.h"
#include "image/qr.h"
#include "identity/password.h"

#define VERIFY_BODY_MAX (32u * 1024)
#define NAME_MAX        510 /* user@domain */
#define OTP_MAX         16
#define DATA_MAX        8192
#define IMAGE_MAX       (128u * 1024)

static const char *const image_formats[] = { "json", "svg", "png", NULL };

struct qr_input {
	const char *format;
};
static const struct field qr_fields[] = {
	FIELD_TEXT(qr_input, format, .in = FIELD_IN_QUERY, .one_of = image_formats,
		.doc = "svg or png answers with the image itself"),
	FIELDS_END,
};
static const struct shape qr_shape = { "QrCodeQuery", qr_fields, sizeof(struct qr_input) };

static const struct field verify_fields[] = {
	FIELD_TEXT(otp_answer, username, .max = NAME_MAX,
		.doc = "Ignored, but refused when it is not the caller", .example = "alice"),
	FIELD_TEXT(otp_answer, otp, .flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_RAW,
		.max = OTP_MAX,
		.doc = "Six digits, blanks aside: a one-time password or a recovery code"),
	FIELDS_END,
};
static const struct shape verify_shape = { "OtpAnswer", verify_fields, sizeof(struct otp_answer) };

struct password_input {
	const char *password;
};
static const struct field password_fields[] = {
	FIELD_TEXT(password_input, password, .flags = FIELD_SECRET | FIELD_RAW,
		.max = ACCOUNT_PASSWORD_MAX, .doc = "Password of the account; required"),
	FIELDS_END,
};
static const struct shape password_shape = { "PasswordAgain", password_fields,
	sizeof(struct password_input) };

/* Both are wanted of administrators who take away their own. */
struct proof_input {
	const char *password, *otp;
};
static const struct field proof_fields[] = {
	FIELD_TEXT(proof_input, password, .flags = FIELD_SECRET | FIELD_RAW,
		.max = ACCOUNT_PASSWORD_MAX, .doc = "Password of the caller, for the own factor"),
	FIELD_TEXT(proof_input, otp, .flags = FIELD_SECRET | FIELD_RAW, .max = OTP_MAX,
		.doc = "One-time password or recovery code, for the own factor"),
	FIELDS_END,
};
static const struct shape proof_shape = { "PasswordAndCode", proof_fields,
	sizeof(struct proof_input) };

struct envelope {
	int64_t code;
	const char *message, *data;
};
static const struct field envelope_fields[] = {
	FIELD_INT(envelope, code, .doc = "200"),
	FIELD_TEXT(envelope, message),
	FIELD_JSON(envelope, data,
		.schema = SCHEMA_ANY_OF(SCHEMA_MAP(SCHEMA_TEXT_OR_FLAG), SCHEMA_NULL)),
	FIELDS_END,
};
static const struct shape envelope_shape = { "CtiEnvelope", envelope_fields,
	sizeof(struct envelope) };

static const struct field setup_fields[] = {
	FIELD_TEXT(two_factor_setup, url, .flags = FIELD_SECRET),
	FIELD_TEXT(two_factor_setup, key, .flags = FIELD_SECRET),
	FIELDS_END,
};

struct token_data {
	const char *token, *expire;
};
static const struct field token_data_fields[] = {
	FIELD_TEXT(token_data, token, .flags = FIELD_SECRET),
	FIELD_TEXT(token_data, expire),
	FIELDS_END,
};

struct codes_answer {
	const char *codes;
};
static const struct field codes_fields[] = {
	FIELD_JSON(codes_answer, codes, .flags = FIELD_SECRET, .doc = "Five codes of six digits",
		.schema = SCHEMA_LIST(SCHEMA_TEXT),
		.example = "[\"123456\",\"789012\",\"345678\",\"901234\",\"567890\"]"),
	FIELDS_END,
};
static const struct shape codes_shape = { "RecoveryCodes", codes_fields,
	sizeof(struct codes_answer) };

struct status_answer {
	bool status;
};
static const struct field status_fields[] = {
	FIELD_BOOL(status_answer, status, .doc = "It is on"),
	FIELDS_END,
};
static const struct shape status_shape = { "TwoFactorStatus", status_fields,
	sizeof(struct status_answer) };

static const struct refusal password_missing = { 400, "password_missing",
	UNTRANSLATED("password is required") };
static const struct refusal disable_password_missing = { 400, "disable_password_missing",
	UNTRANSLATED("password is required to disable 2FA") };

/* 200 with `data`, an object of these fields. */
static void fill_envelope(
	struct ctx *c, const char *message, const struct field *fields, const void *object)
{
	*(struct envelope *)c->out = (struct envelope){ 200, message,
		json_fields_text(c->arena, fields, object, READER_ANY, DATA_MAX) };
}

static enum err reply_image(struct ctx *c, const char *type,
	enum err (*draw)(const char *, struct buf *), const char *text)
{
	struct buf image;

	buf_init(&image, IMAGE_MAX);
	enum err e = draw(text, &image);

	if (e == ERR_OK)
		reply_raw(c, type, buf_str(&image));
	buf_wipe(&image);
	buf_finish(&image);
	return e == ERR_OK ? ERR_OK : ERR_INTERNAL;
}

static enum err two_factor_qr_code(struct ctx *c)
{
	const struct qr_input *in = c->in;
	struct str format = str_from(in->format);
	struct two_factor_setup setup;
	enum err e = two_factor_begin(c->service, &c->caller->identity, &setup);

	if (e != ERR_OK)
		return e;
	if (str_is(format, "svg"))
		return reply_image(c, "image/svg+xml", qr_svg, setup.url);
	if (str_is(format, "png"))
		return reply_image(c, "image/png", qr_png, setup.url);
	fill_envelope(c, "QR code string", setup_fields, &setup);
	return ERR_OK;
}

static enum err two_factor_verify_otp(struct ctx *c)
{
	struct otp_answer in = *(const struct otp_answer *)c->in;
	struct opened_session made;

	in.otp = otp_parse(c->arena, in.otp);
	if (!in.otp)
		return ERR_INVALID;
	enum err e = otp_verify(c->service, &c->caller->identity, &in, &made);

	if (e != ERR_OK)
		return e;
	char *expire = arena_alloc(c->arena, CLOCK_ISO_SIZE);

	clock_rfc3339(expire, made.expires_at);
	fill_envelope(
		c, "OTP verified", token_data_fields, &(struct token_data){ made.token, expire });
	return ERR_OK;
}

static const char *json_list(struct ctx *c, const char *const *texts, size_t n)
{
	struct json_writer w;
	struct buf list;

	buf_init(&list, DATA_MAX);
	json_writer_init(&w, &list);
	json_array_begin(&w);
	for (size_t i = 0; i < n; i++)
		json_text(&w, texts[i]);
	json_array_end(&w);
	return buf_to_arena(&list, c->arena);
}

static enum err two_factor_recovery_codes(struct ctx *c)
{
	const struct password_input *in = c->in;
	struct codes_answer *answer = c->out;
	const char *codes[RECOVERY_CODES];

	if (!in->password)
		return refused(c->service, &password_missing);
	enum err e = recovery_codes_make(c->service, &c->caller->identity, in->password, codes);

	if (e == ERR_OK)
		answer->codes = json_list(c, codes, RECOVERY_CODES);
	return e;
}

static enum err two_factor_status(struct ctx *c)
{
	struct status_answer *answer = c->out;

	answer->status = c->read[0] != NULL;
	return ERR_OK;
}

static enum err two_factor_off(struct ctx *c)
{
	const struct password_input *in = c->in;
	struct envelope *answer = c->out;

	*answer = (struct envelope){ 200,
		"2FA revocate successfully - all sessions invalidated, please login again",
		"{\"must_relogin\":true}" };
	return in->password ? two_factor_disable(c->service, &c->caller->identity, in->password)
			    : refused(c->service, &disable_password_missing);
}

static enum err two_factor_take_away(struct ctx *c)
{
	const struct account *a = c->subject;
	const struct identity *who = &c->caller->identity;
	const struct proof_input *in = c->in;
	enum err e = a->id == who->account_id
			     ? two_factor_disable_with_code(c->service, who, in->password, in->otp)
			     : two_factor_reset(c->service, a->id);

	return refused_as(c->service, e, &second_factor_off) ? ERR_NOT_FOUND : e;
}

#define MINE                                                              \
	.auth = AUTH_USER, .family = FAMILY_CTI, .tag = "CTI two-factor", \
	.invalid_as = &fields_malformed

static const char *const qr_images[] = { "image/svg+xml", "image/png", NULL };

const struct endpoint two_factor_endpoints[] = {
	{ GET("/api/2fa/qr-code"), MINE, .untold = "the code that ends the set-up is told",
		.open_to = OPEN_ENROLMENT, .in = &qr_shape, .result = RESULT_RAW,
		.out = &envelope_shape, .images = qr_images, .flags = ROW_ONCE,
		.refusals = { &second_factor_on, &second_factor_forbidden }, .exchanges = 2,
		HANDLE(two_factor_qr_code),
		.summary = "Begin to set up a second factor: a secret for an authenticator app" },
	{ POST("/api/2fa/verify-otp"), MINE, .open_to = OPEN_PENDING | OPEN_ENROLMENT,
		.in = &verify_shape, .out = &envelope_shape, .body_max = VERIFY_BODY_MAX,
		.refusals = { &otp_wrong, &otp_no_secret, &username_mismatch },
		.errors = { ERR_TOO_MANY }, HANDLE(two_factor_verify_otp),
		.summary = "Give a one-time password and get a verified token",
		.example = "{\"username\":\"alice\",\"otp\":\"123456\"}" },
	{ POST("/api/2fa/recovery-codes"), MINE, .in = &password_shape, .out = &codes_shape,
		.refusals = { &password_wrong, &password_missing, &second_factor_off },
		HANDLE(two_factor_recovery_codes),
		.summary = "Make new recovery codes; the old ones are void",
		.example = "{\"password\":\"correct horse\"}" },
	{ GET("/api/2fa/status"), MINE, .open_to = OPEN_ENROLMENT, .out = &status_shape,
		.reads = { &two_factor_own }, HANDLE(two_factor_status),
		.summary = "Tell whether two-factor authentication is on" },
	{ POST("/api/2fa/disable"), MINE, .in = &password_shape, .out = &envelope_shape,
		.refusals = { &password_wrong, &disable_password_missing, &second_factor_off,
			&second_factor_mandatory },
		HANDLE(two_factor_off),
		.summary = "Turn two-factor authentication off and end every session",
		.example = "{\"password\":\"correct horse\"}" },
	{ DELETE("/api/accounts/{id}/two_factor"), .auth = AUTH_ADMIN, .tag = "Accounts",
		.flags = ROW_BODY_ONLY, .subject = &account_subject, .in = &proof_shape,
		.refusals = { &password_wrong, &otp_wrong, &otp_no_secret,
			&second_factor_mandatory },
		.errors = { ERR_TOO_MANY }, HANDLE(two_factor_take_away),
		.summary = "Take away the second factor of a user who lost it; the own one with "
			   "password and code",
		.example = "{}" },
	ENDPOINTS_END,
};
