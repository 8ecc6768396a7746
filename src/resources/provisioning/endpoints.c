/* Phones are provisioned (accounts-api I.18). */
#include "http/ctx.h"
#include "image/qr.h"
#include "resources/auth_tokens/auth_token.h"
#include "resources/provisioning/provisioning.h"
#include "service/caller.h"

#define QR_SIDE        300 /* pixels */
#define IMAGE_MAX      (256u << 10)
#define RESET_ARGUMENT "reset_password"

/* Whether the last one is there counts, not what it says. */
struct opened {
	const char *token, *reset_password;
};
#define RESET                                                    \
	FIELD_TEXT(opened, reset_password, .in = FIELD_IN_QUERY, \
		.doc = "There at all: the account gets a new random password")

static const struct field opened_fields[] = {
	FIELD_TEXT_AS(opened, token, "provisioning_token", .in = FIELD_IN_PATH,
		.flags = FIELD_REQUIRED | FIELD_SECRET, .max = PROVISIONING_TOKEN_MAX,
		.doc = "The provisioning token of an account", .example = "x2Zr6ApQm0LbC"),
	RESET,
	FIELDS_END,
};
static const struct shape opened_shape = { "ByProvisioningToken", opened_fields,
	sizeof(struct opened) };
static const struct field shown_fields[] = { RESET, FIELDS_END };
static const struct shape shown_shape = { "ProvisioningAddress", shown_fields,
	sizeof(struct opened) };

static struct provisioning_site site_of(const struct ctx *c)
{
	return (struct provisioning_site){ c->caller->space->domain, c->site_url };
}

static bool wants_new_password(const struct ctx *c)
{
	struct str query = c->request->query;

	while (query.n) {
		struct str pair = str_split(&query, '&');

		if (str_is(str_split(&pair, '='), RESET_ARGUMENT))
			return true;
	}
	return false;
}

/* Before anything is used up. */
static enum err check_header(const struct ctx *c)
{
	bool missing = c->service->settings->provisioning_require_header &&
		       !c->request->linphone_provisioning;

	return missing ? refused(c->service, &provisioning_header) : ERR_OK;
}

/* Of a space, or of the caller's account. */
static enum err provisioning_of_subject(struct ctx *c)
{
	const struct provisioning_site site = site_of(c);
	enum err e = check_header(c);

	return e == ERR_OK ? provisioning_write(c->service, &site, c->subject, c->out) : e;
}

static enum err provisioning_of_token(struct ctx *c)
{
	const struct opened *in = c->in;
	const struct provisioning_site site = site_of(c);
	enum err e = check_header(c);

	return e == ERR_OK ? provisioning_by_token(
				     c->service, &site, in->token, wants_new_password(c), c->out)
			   : e;
}

/* Clients of the QR code login never sent the header. */
static enum err provisioning_of_auth_token(struct ctx *c)
{
	const struct auth_token_path *in = c->in;
	const struct provisioning_site site = site_of(c);
	int64_t account_id;
	enum err e = auth_token_redeem(c->service, in->token, &account_id);

	return e == ERR_OK ? provisioning_of_account(c->service, &site, account_id, c->out) : e;
}

static enum err draw(struct ctx *c, const char *url)
{
	struct buf image;

	buf_init(&image, IMAGE_MAX);
	enum err e = qr_png_fit(url, QR_SIDE, &image);

	if (e == ERR_OK)
		*(struct str *)c->out =
			(struct str){ arena_strndup(c->arena, image.p, image.n), image.n };
	buf_wipe(&image);
	buf_finish(&image);
	return e == ERR_OK ? ERR_OK : ERR_INTERNAL;
}

static enum err provisioning_qr_code(struct ctx *c)
{
	const struct request *r = c->request;
	const struct provisioning_site site = site_of(c);
	struct str token = r->segment[r->segments - 1];
	enum err e = provisioning_token_check(c->service, c->subject);

	if (e != ERR_OK)
		return e;
	const char *url = provisioning_url(c->service, &site,
		arena_strndup(c->arena, token.p, token.n), wants_new_password(c));

	reply_header(c, "X-Qrcode-URL", url);
	return draw(c, url);
}

#define BYTES    .tag = "Provisioning", .result = RESULT_BYTES
#define DOCUMENT BYTES, .media = "application/xml"

const struct endpoint provisioning_endpoints[] = {
	{ GET("/provisioning"), .auth = AUTH_PUBLIC, DOCUMENT, .flags = ROW_TELLS_URL,
		.subject = &provisioning_of_space, .refusals = { &provisioning_header },
		HANDLE_AS(provisioning_of_subject, "provisioning_of_space"),
		.summary = "What any phone of the space is told" },
	{ GET("/provisioning/{provisioning_token}"), .auth = AUTH_PUBLIC, DOCUMENT, .writes = true,
		.flags = ROW_TELLS_URL | ROW_SIDE_EFFECT, .in = &opened_shape, .exchanges = 3,
		.refusals = { &provisioning_header, &provisioning_token_expired,
			&provisioning_two_factor },
		HANDLE(provisioning_of_token),
		.summary = "Make a phone that of an account, once; the account is activated",
		.text = "A token that was used gives what any phone is told, or 404 "
			"(provisioning_used_token)." },
	{ GET("/provisioning/me"), .auth = AUTH_USER, DOCUMENT, .open_to = OPEN_PHONE,
		.flags = ROW_TELLS_URL | ROW_CERTIFICATE, .subject = &provisioning_own,
		.refusals = { &provisioning_header },
		HANDLE_AS(provisioning_of_subject, "provisioning_of_caller"),
		.summary = "What a phone of the caller's account is told",
		.text = "Where the space allows it, a client certificate opens it, too." },
	{ GET("/provisioning/qrcode/{provisioning_token}"), .auth = AUTH_PUBLIC, BYTES,
		.media = "image/png", .flags = ROW_TELLS_URL, .subject = &provisioning_by_path,
		.in = &shown_shape, .refusals = { &provisioning_token_expired },
		HANDLE(provisioning_qr_code),
		.summary = "The address of a token as a QR code; X-Qrcode-URL has it, too" },
	{ GET("/provisioning/auth_token/{auth_token}"), .auth = AUTH_PUBLIC, DOCUMENT,
		.writes = true, .flags = ROW_TELLS_URL | ROW_SIDE_EFFECT, .exchanges = 4,
		.in = &auth_token_path_shape, HANDLE(provisioning_of_auth_token),
		.summary = "The same with the token of a QR code login, once it is attached" },
	ENDPOINTS_END,
};
