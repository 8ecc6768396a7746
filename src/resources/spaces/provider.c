/* The identity provider of a space (accounts-api 3.4). */
#include "spaces_priv.h"

#include <string.h>

#include "base/json_fields.h"
#include "crypto/provider_token.h"
#include "crypto/seal.h"
#include "resources/spaces/space.h"

#define PROVIDER "oidc_authentication_configuration"

const struct str space_client_secret_context = { "client_secret", 13 };

static const struct text text_public_key = {
	"space_public_key",
	"The {f} value must be the PEM text of one public key: RSA of 2048 bits or more, or P-256."
};
static const struct text text_url = { "space_url", "The {f} value is not an https:// address." };

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

const struct text *space_realm_check(struct str s)
{
	return memchr(s.p, '"', s.n) || memchr(s.p, '\\', s.n) ? &text_format : NULL;
}

static const struct text *url_check(struct str s)
{
	if (!str_cut_prefix(&s, "https://"))
		return &text_url;
	return s.n && str_is_made_of(s, LETTERS "-._~:/[]@!$&'()*+,;=%") ? NULL : &text_url;
}

static const struct text *claim_check(struct str s)
{
	return str_is_made_of(s, LETTERS "_.:/-") ? NULL : &text_format;
}

static const struct field provider_fields[] = {
	FIELD_TEXT(space_provider, server_url, .max = SPACE_ADDRESS_MAX, .check = url_check),
	FIELD_TEXT(space_provider, realm, .max = SPACE_REALM_MAX, .check = space_realm_check),
	FIELD_TEXT(space_provider, sip_identifier, .max = PROVIDER_CLAIM_MAX, .check = claim_check),
	FIELD_TEXT(space_provider, public_key, .flags = FIELD_LINES, .max = PROVIDER_PEM_MAX),
	FIELD_TEXT(space_provider, audience, .max = SPACE_ADDRESS_MAX),
	FIELD_TEXT(space_provider, client_id, .max = SPACE_ADDRESS_MAX),
	FIELD_TEXT(space_provider, client_secret, .flags = FIELD_SECRET | FIELD_RAW,
		.max = SPACE_ADDRESS_MAX),
	FIELD_TRI(space_provider, auto_provisioning),
	FIELD_TRI(space_provider, role_provisioning),
	FIELDS_END,
};

static bool is_key(const char *pem)
{
	struct provider_key *key = provider_key_new(str_from(pem));
	bool good = key != NULL;

	provider_key_free(&key);
	return good;
}

void space_provider_read(struct service *s, const char *json, struct space_provider *ret)
{
	*ret = (struct space_provider){ .sip_identifier = "sip_identity" };
	if (!json || strcmp(json, "null") == 0 ||
		!json_fields_bind(
			provider_fields, PROVIDER, str_from(json), s->arena, s->errors, ret))
		return;
	if (ret->server_url && !ret->realm)
		field_errors_add(s->errors, PROVIDER ".realm", &text_required);
	if (!ret->server_url && !ret->public_key)
		field_errors_add(s->errors, PROVIDER ".server_url", &text_required);
	if (ret->public_key && !is_key(ret->public_key))
		field_errors_add(s->errors, PROVIDER ".public_key", &text_public_key);
}

enum err space_provider_put(
	struct service *s, int64_t space_id, const char *json, struct space_provider *p)
{
	enum err e = ERR_OK;

	if (!json)
		return ERR_OK;
	if (strcmp(json, "null") == 0)
		return space_store_drop_provider(s, space_id);
	p->space_id = space_id;
	if (p->client_secret)
		e = seal(s->keys, str_from(p->client_secret), space_client_secret_context, s->arena,
			&p->client_secret_sealed);
	return e == ERR_OK ? space_store_put_provider(s, p) : e;
}
