#include "domain_settings.h"

#include <string.h>

#include "base/str.h"
#include "service/caller.h"

static unsigned admin_methods(const char *list)
{
	static const struct {
		const char *name;
		enum identity_method method;
	} known[] = { { "key", IDENTITY_KEY }, { "digest", IDENTITY_DIGEST },
		{ "jwt", IDENTITY_JWT } };
	unsigned methods = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_list_has(list, str_from(known[i].name)))
			methods |= known[i].method;
	return methods;
}

struct rule_settings rule_settings_of(const struct api_settings *s)
{
	return (struct rule_settings){
		.single_space_fallback = s->single_space_fallback,
		.admin_auth_methods = admin_methods(s->admin_auth_methods),
		.digest_nonce_minutes = s->digest_nonce_minutes,
		.api_key_expiration_minutes = s->api_key_expiration_minutes,
		.session_days = s->session_days,
		.provisioning_token_expiration_minutes = s->provisioning_token_expiration_minutes,
		.account_username_min_length = s->account_username_min_length,
		.account_password_min_length = s->account_password_min_length,
		.allow_phone_number_username_admin_api = s->allow_phone_number_username_admin_api,
		.public_account_info = s->public_account_info,
		.proxy_fqdn = s->proxy_fqdn,
		.legacy_auth = s->legacy_auth,
		.password_failures_per_account = s->password_failures_per_account,
		.password_failures_per_address = s->password_failures_per_address,
		.persistent_token_days = s->persistent_token_days,
		.two_factor_issuer = s->two_factor_issuer,
		.public_url = s->public_url,
		.jwt_realm = s->jwt_realm,
		.digest_opens_all = strcmp(s->digest_scope_two_factor, "all") == 0,
	};
}
