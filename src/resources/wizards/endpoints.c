/* The page that a mail about a new phone leads to (accounts-api II.17). */
#include "base/clock.h"
#include "http/ctx.h"
#include "http/page.h"
#include "image/qr.h"
#include "resources/provisioning/provisioning.h"
#include "resources/wizards/wizard.h"
#include "service/caller.h"

#define DRAWING_MAX  (64u << 10)
#define MINUTE_CHARS 16 /* of "2026-12-07 03:04" */

static const struct text text_title = { "page_wizard", "Set up your phone" };
static const struct text text_open = { "page_wizard_open",
	"Scan this code with the phone, or open the link below on it. Both are good once, until" };
static const struct text text_none = { "page_wizard_none",
	"The code of this mail is of no use any more. You can have a new one." };
static const struct text text_fresh = {
	"page_wizard_fresh",
	"Scan this code with the phone, or open the link below on it. This page is not shown again."
};
static const struct text text_link = { "page_wizard_link", "Open in Linphone" };
static const struct text text_button = { "page_wizard_button", "Make a new code" };

struct wizard_path {
	const char *token;
};
static const struct field path_fields[] = {
	FIELD_TEXT(wizard_path, token, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED | FIELD_SECRET,
		.max = 64, .doc = "Of the mail", .example = "n3PqzVtIOuwWbZ7Yc0xKdR5s"),
	FIELDS_END,
};
static const struct shape path_shape = { "ByWizardToken", path_fields, sizeof(struct wizard_path) };

static enum err draw(struct ctx *c, const char *url, const char **ret)
{
	struct buf svg;

	buf_init(&svg, DRAWING_MAX);
	enum err e = qr_svg(url, &svg);

	if (e == ERR_OK)
		*ret = arena_strndup(c->arena, svg.p, svg.n);
	buf_wipe(&svg);
	buf_finish(&svg);
	return e == ERR_OK ? ERR_OK : ERR_INTERNAL;
}

/* The address of the token as a code and as a link that Linphone opens; none where there is no token. */
static enum err link_of(struct ctx *c, const struct wizard *w, struct page_link *ret)
{
	const struct provisioning_site site = { c->caller->space->domain, c->site_url };

	if (!w->provisioning_token)
		return ERR_OK;
	const char *url = provisioning_url(c->service, &site, w->provisioning_token, false);

	ret->url = arena_printf(c->arena, "linphone-config:%s", url);
	ret->label = page_words(c, &text_link);
	return draw(c, url, &ret->svg);
}

static const char *until(struct ctx *c, int64_t instant)
{
	char text[CLOCK_SQL_SIZE];

	clock_sql(text, instant);
	return arena_printf(
		c->arena, "%s %.*s UTC.", page_words(c, &text_open), MINUTE_CHARS, text);
}

static enum err show(
	struct ctx *c, const struct wizard *w, const char *sentence, const struct page_form *form)
{
	struct page_link link = { 0 };
	enum err e = link_of(c, w, &link);
	const struct page_text text = { page_words(c, &text_title), sentence,
		w->provisioning_token ? &link : NULL };

	if (e == ERR_OK)
		*(const char **)c->out = page_html(c->arena, c->request->language, &text, form);
	return e;
}

static enum err wizard_page(struct ctx *c)
{
	const struct wizard_path *in = c->in;
	struct wizard w;
	enum err e = wizard_look(c->service, c->caller->space->domain, in->token, &w);
	const struct page_form form = { .button = page_words(c, &text_button) };

	if (e != ERR_OK)
		return e;
	return show(c, &w,
		w.provisioning_token ? until(c, w.expires_at) : page_words(c, &text_none), &form);
}

static enum err wizard_press(struct ctx *c)
{
	const struct wizard_path *in = c->in;
	struct wizard w;
	enum err e = wizard_use(c->service, c->caller->space->domain, in->token, &w);

	return e == ERR_OK ? show(c, &w, page_words(c, &text_fresh), NULL) : e;
}

#define PAGE .auth = AUTH_PUBLIC, .tag = "Provisioning", .in = &path_shape, .result = RESULT_HTML

const struct endpoint wizards_endpoints[] = {
	{ GET("/wizard/{token}"), PAGE, .exchanges = 2, .flags = ROW_TELLS_URL, HANDLE(wizard_page),
		.summary = "Page with which people set up a phone; looking at it uses nothing up" },
	{ POST("/wizard/{token}"), PAGE, .writes = true, .flags = ROW_TELLS_URL | ROW_FORM,
		HANDLE(wizard_press), .summary = "The button of that page: a fresh code, once" },
	ENDPOINTS_END,
};
