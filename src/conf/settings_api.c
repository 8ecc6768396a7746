#include "address.h"
#include "conf_priv.h"

#define YEAR_MINUTES 525600

/* In the order of enum digest_scope. */
static const char *const used_tokens[] = { "base", "gone", NULL };
static const char *const digest_scopes[] = { "phone", "all", NULL };
/* In the order of enum throttle_status. */
static const char *const throttle_statuses[] = { "403", "429", NULL };
/* In the order of enum identity_method. */
static const char *const auth_methods[] = { "key", "digest", "jwt", NULL };

/* In the order of enum registrar. */
static const char *const registrars[] = { "none", "redis", "kamailio", NULL };
/* In the order of enum call_backend. */
static const char *const call_backends[] = { "none", "kamailio", NULL };
/* In the order of enum sip_message_backend. */
static const char *const sip_message_backends[] = { "none", "kamailio", "linphone-daemon", NULL };

static const struct setting rows[] = {
	SETTING_PATH(api_settings, listen, .def = "/run/dialtone/api.sock",
		.flags = SETTING_REQUIRED, .check = unix_path_is_valid,
		.must_be = "an absolute path of at most 107 characters",
		.help = "FastCGI socket, unless one is inherited from systemd or spawn-fcgi"),
	SETTING_MODE(api_settings, socket_mode, .def = "0660",
		.help = "Permissions of the socket; a program that may connect has nginx's "
			"authority"),
	SETTING_INT(api_settings, workers, .def = "4", .min = 1, .max = 256,
		.flags = SETTING_RELOADABLE,
		.help = "Worker processes, each with its own PostgreSQL connection; 2 to 4 per "
			"core"),
	SETTING_PATH(api_settings, metrics_socket, .check = unix_path_is_valid,
		.must_be = "an absolute path of at most 107 characters",
		.help = "Unix socket for metrics and for \"dialtonectl api status\""),
	SETTING_METRICS_LISTEN(api_settings, "127.0.0.1:9471"),
	SETTING_PATH(api_settings, pid_file, .help = "File for the supervisor's process id"),
	SETTING_TEXT_IN(api_settings, rules, public_url, .flags = SETTING_RELOADABLE,
		.check = public_url_is_valid, .must_be = "an https:// URL without a trailing slash",
		.help = "Address at which clients reach the server, for links in answers and "
			"mails"),
	SETTING_BOOL_IN(api_settings, rules, single_space_fallback, .def = "true",
		.flags = SETTING_RELOADABLE,
		.help = "While there is only one space, use it whatever the Host header says"),
	SETTING_SET_IN(api_settings, rules, admin_auth_methods, .def = "key,digest,jwt",
		.flags = SETTING_REQUIRED | SETTING_RELOADABLE, .one_of = auth_methods,
		.help = "How administrators may authenticate"),
	SETTING_BOOL_IN(api_settings, rules, oidc_exclusive, .def = "false",
		.flags = SETTING_RELOADABLE,
		.help = "In a space with an identity provider, users may not use API keys and "
			"DIGEST"),
	SETTING_CHOICE_IN(api_settings, rules, digest_scope_two_factor, .def = "phone",
		.flags = SETTING_RELOADABLE, .one_of = digest_scopes,
		.help = "What DIGEST opens to an account with a second factor"),
	SETTING_INT_IN(api_settings, rules, digest_nonce_minutes, .def = "60", .min = 1,
		.max = 1440, .flags = SETTING_RELOADABLE,
		.help = "How long a DIGEST nonce may be used"),
	SETTING_INT_IN(api_settings, rules, api_key_expiration_minutes, .def = "60", .min = 0,
		.max = YEAR_MINUTES, .flags = SETTING_RELOADABLE,
		.help = "Unused API keys of users end after this time; 0 is never"),
	SETTING_INT_IN(api_settings, rules, session_days, .def = "14", .min = 1, .max = 365,
		.flags = SETTING_RELOADABLE, .help = "How long a login lasts"),
	SETTING_INT_IN(api_settings, rules, provisioning_token_expiration_minutes, .def = "10080",
		.min = 0, .max = YEAR_MINUTES, .flags = SETTING_RELOADABLE,
		.help = "Provisioning tokens end after this time; 0 is never"),
	SETTING_BOOL_IN(api_settings, rules, provisioning_require_header, .def = "false",
		.flags = SETTING_RELOADABLE,
		.help = "Phones have to send the header X-Linphone-Provisioning, which those "
			"before "
			"version 5.3 of Linphone's library do not"),
	SETTING_CHOICE_IN(api_settings, rules, provisioning_used_token, .def = "base",
		.flags = SETTING_RELOADABLE, .one_of = used_tokens,
		.help = "What a provisioning token opens that was used: what any phone is told, or "
			"nothing (404)"),
	SETTING_BOOL_IN(api_settings, rules, provisioning_transient, .def = "true",
		.flags = SETTING_RELOADABLE,
		.help = "Tell a phone not to fetch the provisioning document of its account again"),
	SETTING_BOOL_IN(api_settings, rules, provisioning_v22_entries, .def = "true",
		.flags = SETTING_RELOADABLE,
		.help = "Tell phones to register and to ask for push notifications, as older ones "
			"expect it"),
	SETTING_PATH_IN(api_settings, rules, account_provisioning_rc_file,
		.flags = SETTING_RELOADABLE,
		.help = "File with provisioning entries, for spaces without some of their own; "
			"{domain} in it is the domain of the space"),
	SETTING_INT_IN(api_settings, rules, account_creation_token_expiration_minutes, .def = "0",
		.min = 0, .max = YEAR_MINUTES, .flags = SETTING_RELOADABLE,
		.help = "Account creation tokens end after this time; 0 is never"),
	SETTING_INT_IN(api_settings, rules, account_creation_token_retry_minutes, .def = "60",
		.min = 0, .max = YEAR_MINUTES, .flags = SETTING_RELOADABLE,
		.help = "A device that has used an account creation token gets no other one for "
			"this time, nor more than four that it does not use"),
	SETTING_INT_IN(api_settings, rules, account_recovery_token_expiration_minutes, .def = "60",
		.min = 0, .max = YEAR_MINUTES, .flags = SETTING_RELOADABLE,
		.help = "Account recovery tokens end after this time; 0 is never"),
	SETTING_INT_IN(api_settings, rules, account_recovery_token_retry_minutes, .def = "60",
		.min = 0, .max = YEAR_MINUTES, .flags = SETTING_RELOADABLE,
		.help = "The same for account recovery tokens of a device"),
	SETTING_CHOICE_IN(api_settings, rules, push_token_throttle_status, .def = "403",
		.flags = SETTING_RELOADABLE, .one_of = throttle_statuses,
		.help = "Status of the answer when a device asks for tokens too often"),
	SETTING_INT_IN(api_settings, rules, account_username_min_length, .def = "6", .min = 1,
		.max = 64, .flags = SETTING_RELOADABLE,
		.help = "Characters a new user name needs at least"),
	SETTING_TEXT(api_settings, account_username_regex, .def = "^[a-z0-9+_.-]*$", .min = 1,
		.max = 512, .flags = SETTING_RELOADABLE, .check = regex_is_valid,
		.must_be = "a POSIX extended regular expression without back-references",
		.help = "New user names have to match"),
	SETTING_LIST(api_settings, account_blacklisted_usernames, .flags = SETTING_RELOADABLE,
		.check = listed_expression_is_valid,
		.must_be = "names or POSIX extended regular expressions, without back-references",
		.help = "User names that are not given away"),
	SETTING_BOOL_IN(api_settings, rules, allow_phone_number_username_admin_api, .def = "false",
		.flags = SETTING_RELOADABLE,
		.help = "Administrators may create accounts whose user name is a phone number"),
	SETTING_INT_IN(api_settings, rules, account_password_min_length, .def = "6", .min = 1,
		.max = 1024, .flags = SETTING_RELOADABLE,
		.help = "Characters a new password needs at least"),
	SETTING_BOOL_IN(api_settings, rules, strict_algorithm, .def = "false",
		.flags = SETTING_RELOADABLE,
		.help = "A password is stored with the default algorithm of its space; asking for "
			"another one is refused"),
	SETTING_BOOL_IN(api_settings, rules, password_store_both, .def = "false",
		.flags = SETTING_RELOADABLE,
		.help = "Store new passwords for MD5 and SHA-256, for SIP servers that know only "
			"one of them"),
	SETTING_TEXT(api_settings, password_block_list, .def = PASSWORD_LIST_PACKAGED, .max = 4096,
		.flags = SETTING_RELOADABLE, .check = password_list_is_valid,
		.must_be = "packaged, the absolute path of a readable file, or empty",
		.help = "Passwords no user may choose, one a line: those that come with Dialtone, "
			"or "
			"a file; empty allows all"),
	SETTING_BOOL_IN(api_settings, rules, password_block_list_admin, .def = "false",
		.flags = SETTING_RELOADABLE,
		.help = "The same for passwords that administrators give over the API"),
	SETTING_INT_IN(api_settings, rules, email_change_code_expiration_minutes, .def = "10",
		.min = 1, .max = 1440, .flags = SETTING_RELOADABLE,
		.help = "How long the code is good that confirms another e-mail address"),
	SETTING_INT_IN(api_settings, rules, phone_change_code_expiration_minutes, .def = "10",
		.min = 1, .max = 1440, .flags = SETTING_RELOADABLE,
		.help = "The same for a phone number"),
	SETTING_INT_IN(api_settings, rules, blocking_amount_events_authorized_during_period,
		.def = "5", .min = 0, .max = 1000000, .flags = SETTING_RELOADABLE,
		.help = "So many codes an account may ask for in blocking_time_period_check "
			"minutes; one more blocks it until an administrator unblocks it; 0 is no "
			"limit"),
	SETTING_INT_IN(api_settings, rules, blocking_time_period_check, .def = "30", .min = 1,
		.max = 1440, .flags = SETTING_RELOADABLE,
		.help = "The minutes of blocking_amount_events_authorized_during_period"),
	SETTING_BOOL_IN(api_settings, rules, contact_change_requires_creation_token, .def = "true",
		.flags = SETTING_RELOADABLE,
		.help = "Users change e-mail and phone only after an account creation token was "
			"consumed for their account"),
	SETTING_BOOL_IN(api_settings, rules, admin_show_codes, .def = "false",
		.flags = SETTING_RELOADABLE,
		.help = "GET /api/accounts/{id} shows administrators the codes of pending changes"),
	SETTING_BOOL_IN(api_settings, rules, public_account_info, .def = "true",
		.flags = SETTING_RELOADABLE,
		.help = "Answer GET /api/accounts/{sip}/info without authentication"),
	SETTING_BOOL_IN(api_settings, rules, legacy_get_activate, .def = "true",
		.flags = SETTING_RELOADABLE,
		.help = "GET /api/accounts/{id}/activate and deactivate act like POST"),
	SETTING_BOOL_IN(api_settings, rules, dangerous_endpoints, .def = "false",
		.flags = SETTING_RELOADABLE,
		.help = "Offer the calls of old clients that create and recover accounts on the "
			"strength of an SMS: POST /api/accounts/public, POST "
			"/api/accounts/recover-by-phone, "
			"GET /api/accounts/{sip}/recover/{recover_key}, "
			"GET /api/accounts/{phone}/info-by-phone"),
	SETTING_INT_IN(api_settings, rules, confirmation_key_expiration_minutes, .def = "1440",
		.min = 1, .max = YEAR_MINUTES, .flags = SETTING_RELOADABLE,
		.help = "How long the link that POST /api/accounts/public sends by mail is good"),
	SETTING_INT_IN(api_settings, rules, recovery_code_expiration_minutes, .def = "10", .min = 1,
		.max = 1440, .flags = SETTING_RELOADABLE,
		.help = "How long the four digits of these calls that are sent by SMS are good"),
	SETTING_INT_IN(api_settings, rules, password_failures_per_account, .def = "10", .min = 2,
		.max = 1000000, .flags = SETTING_RELOADABLE,
		.help = "Wrong passwords of an account in 15 minutes that lock it for as long, for "
			"the address they come from (IPv6: its /64)"),
	SETTING_INT_IN(api_settings, rules, password_failures_per_account_total, .def = "100",
		.min = 2, .max = 1000000, .flags = SETTING_RELOADABLE,
		.help = "The same from all addresses together; those from which the account logged "
			"in during the last 30 days stay open"),
	SETTING_INT_IN(api_settings, rules, password_failures_per_address, .def = "100", .min = 2,
		.max = 1000000, .flags = SETTING_RELOADABLE,
		.help = "Wrong passwords and API keys in 15 minutes that lock an address, which an "
			"office may share; accounts that logged in from it before stay open"),
	SETTING_INT_IN(api_settings, rules, persistent_token_days, .def = "365", .min = 1,
		.max = 3650, .flags = SETTING_RELOADABLE,
		.help = "How long the token of a phone or desktop program lasts"),
	SETTING_TEXT_IN(api_settings, rules, two_factor_issuer, .def = "NethVoice", .min = 1,
		.max = 64, .flags = SETTING_REQUIRED | SETTING_RELOADABLE,
		.help = "The name authenticator apps show above the code"),
	SETTING_INT(api_settings, request_rate, .def = "25", .min = 0, .max = 100000,
		.flags = SETTING_RELOADABLE,
		.help = "Requests a second of one session token; 0 is no limit"),
	SETTING_INT(api_settings, request_burst, .def = "100", .min = 1, .max = 1000000,
		.flags = SETTING_RELOADABLE, .help = "How many of them may come at once"),
	SETTING_INT(api_settings, stranger_rate, .def = "50", .min = 0, .max = 100000,
		.flags = SETTING_RELOADABLE,
		.help = "Requests a second of one address (IPv6: its /64) without a valid "
			"credential, logins included; 0 is no limit. nginx has the same for "
			"logins: --login-rate of nginx/render"),
	SETTING_INT(api_settings, stranger_burst, .def = "1000", .min = 1, .max = 1000000,
		.flags = SETTING_RELOADABLE,
		.help = "How many of them may come at once, as when an office comes to work"),
	SETTING_INT(api_settings, account_requests_per_minute, .def = "600", .min = 0,
		.max = 1000000, .flags = SETTING_RELOADABLE,
		.help = "Requests a minute of one account to the accounts API, with whatever "
			"credential; 0 is no limit"),
	SETTING_INT(api_settings, public_tokens_per_minute, .def = "60", .min = 0, .max = 1000000,
		.flags = SETTING_RELOADABLE,
		.help = "Calls a minute of one address (IPv6: its /64) that make or validate a "
			"token without credentials; 0 is no limit"),
	SETTING_INT(api_settings, public_tokens_per_day, .def = "2000", .min = 0, .max = 100000000,
		.flags = SETTING_RELOADABLE, .help = "The same in a day; 0 is no limit"),
	SETTING_INT(api_settings, push_notifications_per_hour, .def = "30", .min = 0,
		.max = 1000000, .flags = SETTING_RELOADABLE,
		.help = "Push notifications an hour that an account may ask for; 0 is no limit"),
	SETTING_INT_IN(api_settings, rules, reset_password_email_token_expiration_minutes,
		.def = "1440", .min = 1, .max = YEAR_MINUTES, .flags = SETTING_RELOADABLE,
		.help = "A link in a mail that sets a new password ends after this time"),
	SETTING_CHOICE_IN(api_settings, rules, registrar, .def = "none",
		.flags = SETTING_RELOADABLE, .one_of = registrars,
		.help = "Where devices are registered: redis, as Flexisip keeps them; kamailio, "
			"whose "
			"tables are in the schema kamailio of our database; none: nowhere that "
			"Dialtone knows"),
	SETTING_TEXT(api_settings, registrar_redis, .flags = SETTING_RELOADABLE | SETTING_SECRET,
		.check = redis_address_is_valid, .must_be = "an address of Redis",
		.help = "The Redis of Flexisip, for registrar = redis; written like redis"),
	SETTING_TEXT(api_settings, kamailio_rpc, .max = 255, .flags = SETTING_RELOADABLE,
		.check = rpc_url_is_valid, .must_be = "an address like http://127.0.0.1:5061/RPC",
		.help = "Where Kamailio takes JSON-RPC, for registrar, call_backend and "
			"sip_message_backend = kamailio; it may be private whatever "
			"outgoing_private says"),
	SETTING_TEXT_IN(api_settings, rules, kamailio_sip, .def = "127.0.0.1:5060", .max = 255,
		.flags = SETTING_REQUIRED | SETTING_RELOADABLE, .check = listen_address_is_valid,
		.must_be = "a host and a port, such as 127.0.0.1:5060",
		.help = "The socket of Kamailio that takes the SIP requests it was ordered to send "
			"itself, over UDP"),
	SETTING_CHOICE_IN(api_settings, rules, call_backend, .def = "none",
		.flags = SETTING_RELOADABLE, .one_of = call_backends,
		.help = "Who carries out the call orders of CTI clients: kamailio, and then "
			"dialtone-pbx tells the states of phones, which dialtone-jobs wants to "
			"know, too; none: no one, and all phones are shown offline"),
	SETTING_CHOICE_IN(api_settings, rules, sip_message_backend, .def = "none",
		.flags = SETTING_RELOADABLE, .one_of = sip_message_backends,
		.help = "Who sends the messages of POST /api/messages: kamailio, the program "
			"linphone-daemon of Linphone, or no one (404)"),
	SETTING_PATH_IN(api_settings, rules, linphone_daemon_socket, .flags = SETTING_RELOADABLE,
		.check = unix_path_is_valid,
		.must_be = "an absolute path of at most 107 characters",
		.help = "The unix socket of linphone-daemon (its --pipe), for sip_message_backend "
			"= linphone-daemon"),
	SETTING_TEXT_IN(api_settings, rules, turn_host, .max = 255, .flags = SETTING_RELOADABLE,
		.check = turn_host_is_valid, .must_be = "a host, and a port where it has one",
		.help = "TURN server of the clients, host or host:port; empty is none"),
	SETTING_TEXT_IN(api_settings, rules, turn_secret, .max = 255,
		.flags = SETTING_RELOADABLE | SETTING_SECRET,
		.help = "The secret it shares (static-auth-secret of coturn)"),
	SETTING_INT_IN(api_settings, rules, turn_ttl_minutes, .def = "1440", .min = 0,
		.max = YEAR_MINUTES, .flags = SETTING_RELOADABLE,
		.help = "How long credentials for it are good; 0 gives none"),
	SETTING_TEXT_IN(api_settings, rules, history_time_zone, .def = "UTC", .max = 64,
		.flags = SETTING_RELOADABLE | SETTING_REQUIRED, .check = time_zone_is_valid,
		.must_be = "the name of a time zone, such as Europe/Rome",
		.help = "Whose days are meant when the history of calls is asked for days"),
	SETTING_INT(api_settings, pg_connect_timeout_ms, .def = "500", .min = 50, .max = 10000,
		.flags = SETTING_RELOADABLE,
		.help = "Milliseconds to connect to PostgreSQL before a request is answered 503"),
	SETTING_INT(api_settings, pg_query_timeout_ms, .def = "5000", .min = 100, .max = 60000,
		.flags = SETTING_RELOADABLE,
		.help = "Milliseconds a statement may take before a request is answered 503"),
	SETTING_TEXT_IN(api_settings, rules, jwt_realm, .def = "nethcti", .min = 1, .max = 64,
		.flags = SETTING_REQUIRED | SETTING_RELOADABLE,
		.help = "Realm in the challenge of calls that need a JWT"),
	SETTING_TEXT_IN(api_settings, rules, proxy_fqdn, .max = 253, .flags = SETTING_RELOADABLE,
		.help = "SIP server named to web and mobile clients; empty is the user's domain"),
	SETTING_LIST_IN(api_settings, http, cors_origins, .def = "null",
		.flags = SETTING_RELOADABLE, .check = listed_origin_is_valid,
		.must_be = "origins like https://host, file://, null, capacitor://localhost, or *",
		.help = "Origins whose pages and packaged apps may call the API besides its own; * "
			"is any"),
	SETTING_BOOL_IN(api_settings, rules, legacy_auth, .def = "false",
		.flags = SETTING_RELOADABLE, .help = "Offer the old HMAC login below /webrest"),
	SETTINGS_REDIS_LOGIN(api_settings, "dialtone-api"), SETTINGS_END
};

const struct settings_table api_table = { "api", rows, sizeof(struct api_settings),
	"dialtone-api, the REST server behind nginx." };
