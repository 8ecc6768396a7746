/*
 * The settings that rules read, by the names of accounts-api section 6: plain data, filled by the rows
 * of the API's table.
 */
#ifndef DIALTONE_CONF_RULE_SETTINGS_H
#define DIALTONE_CONF_RULE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

enum throttle_status { THROTTLE_403, THROTTLE_429 };
enum registrar { REGISTRAR_NONE, REGISTRAR_REDIS, REGISTRAR_KAMAILIO };
enum call_backend { CALL_BACKEND_NONE, CALL_BACKEND_KAMAILIO };
enum sip_message_backend { SIP_MESSAGES_NONE, SIP_MESSAGES_KAMAILIO, SIP_MESSAGES_LINPHONE };
enum used_token { USED_TOKEN_BASE, USED_TOKEN_GONE };
enum digest_scope { DIGEST_SCOPE_PHONE, DIGEST_SCOPE_ALL };

/* Of password_block_list: the list that comes with Dialtone. */
#define PASSWORD_LIST_PACKAGED "packaged"

struct rule_settings {
	bool oidc_exclusive;
	bool single_space_fallback;
	unsigned admin_auth_methods;      /* enum identity_method */
	unsigned digest_scope_two_factor; /* enum digest_scope, for accounts with a second factor */
	int64_t digest_nonce_minutes;
	int64_t api_key_expiration_minutes; /* 0: never */
	int64_t session_days;
	int64_t provisioning_token_expiration_minutes; /* 0: never */
	bool provisioning_require_header, provisioning_v22_entries, provisioning_transient;
	unsigned provisioning_used_token;         /* enum used_token */
	const char *account_provisioning_rc_file; /* "": none */
	/* Minutes. Expiration 0: never. */
	int64_t account_creation_token_expiration_minutes, account_creation_token_retry_minutes;
	int64_t account_recovery_token_expiration_minutes, account_recovery_token_retry_minutes;
	unsigned push_token_throttle_status; /* enum throttle_status */
	int64_t account_username_min_length, account_password_min_length;
	bool strict_algorithm;          /* nothing but the default of the space may be asked for */
	bool password_store_both;       /* passwords are stored for both algorithms */
	bool password_block_list_admin; /* it holds for administrators, too */
	bool allow_phone_number_username_admin_api;
	/* Of codes for a change of e-mail or phone. */
	int64_t email_change_code_expiration_minutes, phone_change_code_expiration_minutes;
	int64_t blocking_time_period_check;                      /* minutes */
	int64_t blocking_amount_events_authorized_during_period; /* 0: no limit */
	bool contact_change_requires_creation_token;
	bool admin_show_codes;
	bool public_account_info;
	bool dangerous_endpoints; /* creation and recovery as old clients do it */
	/* Minutes. */
	int64_t confirmation_key_expiration_minutes, recovery_code_expiration_minutes;
	bool legacy_get_activate; /* GET activates and deactivates, too */
	const char *proxy_fqdn;   /* "": the account's domain */
	bool legacy_auth;         /* the HMAC login of old clients */
	int64_t password_failures_per_account, password_failures_per_account_total,
		password_failures_per_address;
	int64_t persistent_token_days;
	int64_t reset_password_email_token_expiration_minutes;
	unsigned registrar;           /* enum registrar */
	unsigned call_backend;        /* enum call_backend: calls, and live states of phones */
	unsigned sip_message_backend; /* enum sip_message_backend */
	const char *kamailio_sip;     /* host:port */
	const char *linphone_daemon_socket;  /* "": none */
	const char *turn_host, *turn_secret; /* "": there is no TURN server */
	int64_t turn_ttl_minutes;            /* 0: the same */
	const char *history_time_zone;       /* whose days those of the history of calls are */
	const char *two_factor_issuer;       /* the name an authenticator app shows */
	/* "https://sip.example.org" for absolute URLs, whose host is the space's where there are several;
	 * "" takes host and port of the request. */
	const char *public_url;
	const char *jwt_realm; /* of the Bearer challenge of CTI endpoints */
};

#endif
