/* legacy: who still uses the paths below /webrest. */
#include "ctl_priv.h"

#include "resources/hmac_login/hmac_login.h"

static enum err report(struct ctl *c, const void *input)
{
	struct deprecated_use *uses;
	size_t n;
	enum err e = hmac_login_report(&c->service, &uses, &n);

	(void)input;
	if (e == ERR_OK)
		table_rows(c, deprecated_use_fields, uses, sizeof(*uses), n);
	return e;
}

const struct command hmac_login_commands[] = {
	{ "legacy report", NULL, 0, NEEDS_DATABASE, report,
		"List who still uses the old paths, and with what program" },
	{ 0 },
};
