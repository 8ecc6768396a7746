/* Countries of phone numbers (accounts-api II.14). */
#include "http/ctx.h"
#include "resources/phone_countries/phone_country.h"

static enum err phone_country_on(struct ctx *c)
{
	return phone_country_activate(c->service, c->subject, true, c->out);
}

static enum err phone_country_off(struct ctx *c)
{
	return phone_country_activate(c->service, c->subject, false, c->out);
}

#define SWITCH                                                                           \
	.auth = AUTH_SUPER, .tag = "Phone countries", .subject = &phone_country_subject, \
	.writes = true, .result = RESULT_COUNT

const struct endpoint phone_countries_endpoints[] = {
	{ GET("/api/phone_countries"), .auth = AUTH_PUBLIC, .tag = "Phone countries",
		.result = RESULT_LIST, .out = &phone_country_shape,
		.reads = { &phone_countries_all }, HANDLE_AS(reply_read, "phone_countries"),
		.summary = "List the countries, and of which phone numbers are accepted" },
	{ POST("/api/phone_countries/{code}/activate"), SWITCH, HANDLE(phone_country_on),
		.summary = "Accept phone numbers of a country and of those with its calling code" },
	{ POST("/api/phone_countries/{code}/deactivate"), SWITCH, HANDLE(phone_country_off),
		.summary = "Accept no more phone numbers of a country and of those with its "
			   "calling code" },
	ENDPOINTS_END,
};
