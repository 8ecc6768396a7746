/*
 * A space: a tenant with one SIP domain and one HTTP host (accounts-api section 2).
 * Plain data; texts belong to the arena it was read into, which for the ones of resources/spaces/space.h is
 * the list that all requests share.
 */
#ifndef DIALTONE_RESOURCES_SPACES_FIELDS_H
#define DIALTONE_RESOURCES_SPACES_FIELDS_H

#include "base/field.h"

/* Characters. */
#define SPACE_DOMAIN_MAX     253 /* of the host, too */
#define SPACE_NAME_MAX       255
#define SPACE_ADDRESS_MAX    255
#define SPACE_TEXT_MAX       4096
#define SPACE_LOGO_MAX       2048
#define SPACE_ENTRIES_MAX    16384
#define SPACE_REALM_MAX      255
#define SPACE_HUE_MAX        360
#define SPACE_GRACE_DAYS_MAX 365
#define SPACES_MAX           10000 /* one answer shows all */

/* What requests need of one. */
struct space {
	int64_t id;
	const char *domain, *host, *name;
	bool super, expired;
	int64_t max_accounts; /* 0: no limit */
	const char *realm;    /* resolved: the digest realm, or the domain */
	const char *default_algorithm;
	bool allows_md5, allows_sha256;
	int64_t username_min_length; /* 0: the server's setting */
	bool digest_enabled, client_certificates;
	/* The identity provider: its key, PEM, and what its tokens have to say; NULL: whatever, and without
	 * sip_claim there is no provider. */
	const char *provider_key, *provider_url, *provider_realm, *audience, *sip_claim;
};

extern const struct field space_fields[];

/* clang-format off */
/* The switches of O-SPACE: X(name, what it does). The first ones are told to apps (accounts-api 10.2); those of
 * the last list may be left out of a PUT. */
#define SPACE_APP_SWITCHES(X)                                                                       \
	X(super, "Its administrators administer all spaces")                                        \
	X(disable_chat_feature, "Apps offer no chat")                                               \
	X(disable_meetings_feature, "Apps offer no meetings")                                       \
	X(disable_broadcast_feature, "Apps offer no broadcasts")                                    \
	X(hide_settings, "Apps hide their settings")                                                \
	X(hide_account_settings, "Apps hide the settings of accounts")                              \
	X(disable_call_recordings_feature, "Apps record no calls")                                  \
	X(only_display_sip_uri_username, "Apps show user names without the domain")                 \
	X(assistant_hide_create_account, "The assistant of apps creates no accounts")               \
	X(assistant_disable_qr_code, "The assistant of apps reads no QR codes")                     \
	X(assistant_hide_third_party_account, "The assistant of apps takes no accounts of others")
#define SPACE_SWITCHES(X)                                                                           \
	SPACE_APP_SWITCHES(X)                                                                       \
	X(custom_provisioning_overwrite_all, "Its provisioning entries replace those of apps")      \
	X(web_panel, "It has a web panel")                                                          \
	X(public_registration, "People may create accounts themselves")                             \
	X(phone_registration, "People may create accounts with a phone number")                     \
	X(intercom_features, "It has intercoms")                                                    \
	X(carddav_user_credentials, "Users have credentials at its CardDAV servers")
#define SPACE_MORE_SWITCHES(X)                                                                      \
	X(unique_email, "No two accounts have the same e-mail address")                             \
	X(client_certificate_authentication, "Phones may show a client certificate")
/* Texts: X(name, longest, flags, what it is). */
#define SPACE_TEXTS(X)                                                                              \
	X(copyright_text, SPACE_TEXT_MAX, FIELD_LINES, "Copyright line of the web pages")           \
	X(intro_registration_text, SPACE_TEXT_MAX, FIELD_LINES, "Greets those who register")        \
	X(newsletter_registration_address, SPACE_ADDRESS_MAX, 0, "Where newsletters are ordered")   \
	X(account_proxy_registrar_address, SPACE_ADDRESS_MAX, 0, "SIP address of the registrar")    \
	X(custom_provisioning_entries, SPACE_ENTRIES_MAX, FIELD_LINES,                              \
		"Provisioning entries in INI form")                                                 \
	X(logo, SPACE_LOGO_MAX, 0, "Address of its logo")
/* clang-format on */

/* All of one, as it is shown, and as it is asked for; members that were not given are NULL, TRI_UNSET or 0. */
struct space_record {
	int64_t id;
	const char *domain, *host, *name;
#define X(name, doc) enum tri name;
	SPACE_SWITCHES(X)
	SPACE_MORE_SWITCHES(X)
#undef X
#define X(name, max, flags, doc) const char *name;
	SPACE_TEXTS(X)
#undef X
	int64_t max_account, max_accounts, theme_hue, expire_at, created_at, updated_at;
	const char *hue_text, *expire_text; /* as they are asked for */
	/* JSON documents; as they are asked for, "null" is a value. */
	const char *digest, *oidc, *email_server, *carddav_servers;
	/* What `digest` says. */
	enum tri digest_enabled;
	const char *realm, *default_password_algorithm;
};
extern const struct field space_record_fields[];
extern const struct shape space_record_shape; /* "Space" */

#endif
