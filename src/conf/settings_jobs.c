#include "address.h"
#include "conf_priv.h"

#define AUDIT_DAYS_MIN 30

const char *const sms_backends[] = { "none", "webhook", "ovh", NULL };
/* In the order of enum mail_tls. */
static const char *const mail_tls_words[] = { "starttls", "tls", "none", NULL };

/* What is younger the trail does not give up (sql/0020_audit.sql). */
static bool audit_days_are_valid(struct str s)
{
	uint64_t days;

	return str_to_uint(s, UINT64_MAX, &days) && (days == 0 || days >= AUDIT_DAYS_MIN);
}

static const struct setting rows[] = {
	SETTING_INT(jobs_settings, outbox_poll_ms, .def = "200", .min = 10, .max = 60000,
		.flags = SETTING_RELOADABLE,
		.help = "Milliseconds between looks at the outbox when nothing woke us"),
	SETTING_INT(jobs_settings, outbox_batch, .def = "500", .min = 1, .max = 5000,
		.flags = SETTING_RELOADABLE, .help = "Events taken from the outbox at once"),
	SETTING_INT(jobs_settings, cleanup_interval_s, .def = "60", .min = 1, .max = 86400,
		.flags = SETTING_RELOADABLE,
		.help = "Seconds between removals of what has expired"),
	SETTING_INT(jobs_settings, statistics_days, .def = "30", .min = 0, .max = 36500,
		.flags = SETTING_RELOADABLE,
		.help = "Days after which reported messages and calls are removed; 0 keeps them"),
	SETTING_INT(jobs_settings, calls_days, .def = "365", .min = 0, .max = 36500,
		.flags = SETTING_RELOADABLE,
		.help = "Days after which calls are removed from the history; 0 keeps them"),
	SETTING_INT(jobs_settings, audit_days, .def = "365", .min = 0, .max = 36500,
		.flags = SETTING_RELOADABLE, .check = audit_days_are_valid,
		.must_be = "a whole number, 0 or above 29,",
		.help = "Days after which rows of the audit trail are removed, 30 at least; 0 "
			"keeps "
			"them"),
	SETTING_INT_AS(jobs_settings, delivery.attempts_max, "job_attempts_max", .def = "20",
		.min = 1, .max = 1000, .flags = SETTING_RELOADABLE,
		.help = "A mail or message is given up after so many attempts"),
	SETTING_INT_AS(jobs_settings, delivery.retry_s, "job_retry_s", .def = "5", .min = 1,
		.max = 3600, .flags = SETTING_RELOADABLE,
		.help = "Seconds between its first two attempts at most, doubling from there"),
	SETTING_INT_AS(jobs_settings, delivery.retry_max_s, "job_retry_max_s", .def = "900",
		.min = 1, .max = 86400, .flags = SETTING_RELOADABLE,
		.help = "Seconds between two attempts that are not exceeded"),
	SETTING_INT_AS(jobs_settings, delivery.claim_s, "job_claim_s", .def = "15", .min = 1,
		.max = 600, .flags = SETTING_RELOADABLE,
		.help = "Seconds after which another process takes a job whose own has crashed"),
	SETTING_INT_AS(jobs_settings, delivery.dead_days, "job_dead_days", .def = "7", .min = 0,
		.max = 36500, .flags = SETTING_RELOADABLE,
		.help = "Days for which what was given up is kept; 0 keeps it"),
	SETTING_TEXT_AS(jobs_settings, delivery.b2bua_redis, "b2bua_redis",
		.flags = SETTING_RELOADABLE | SETTING_SECRET, .check = redis_address_is_valid,
		.must_be = "an address of Redis",
		.help = "The Redis where Flexisip's B2BUA hears of changed accounts at other "
			"providers, written like redis; empty: there is none"),
	SETTING_CHOICE_AS(jobs_settings, delivery.sms.backend, "sms_backend", .def = "none",
		.flags = SETTING_RELOADABLE, .one_of = sms_backends,
		.help = "Sends text messages: nothing, so that they wait until they expire, a "
			"gateway "
			"that takes a POST, or OVH"),
	SETTING_TEXT_AS(jobs_settings, delivery.sms.webhook_url, "sms_webhook_url",
		.flags = SETTING_RELOADABLE, .max = 2048, .check = url_with_gaps_is_valid,
		.must_be = "a URL, https:// or http://",
		.help = "Where the gateway is; {to}, {message}, {id} and {secret} are filled in"),
	SETTING_TEXT_AS(jobs_settings, delivery.sms.webhook_headers, "sms_webhook_headers",
		.flags = SETTING_RELOADABLE,
		.def = "Content-Type: application/json | Authorization: Bearer {secret} | "
		       "Idempotency-Key: {id}",
		.help = "Header lines, with | between them; one with {secret} is left out where "
			"there is none"),
	SETTING_TEXT_AS(jobs_settings, delivery.sms.webhook_body, "sms_webhook_body",
		.flags = SETTING_RELOADABLE, .def = "{\"to\":\"{to}\",\"message\":\"{message}\"}",
		.help = "What it is sent; values are escaped for JSON where it begins with { or [, "
			"else for a form"),
	SETTING_PATH_AS(jobs_settings, delivery.sms.webhook_secret_file, "sms_webhook_secret_file",
		.flags = SETTING_RELOADABLE, .help = "File with {secret} in its first line"),
	SETTING_TEXT_AS(jobs_settings, delivery.sms.ovh_url, "sms_ovh_url",
		.flags = SETTING_RELOADABLE, .def = "https://eu.api.ovh.com/1.0", .max = URL_MAX,
		.check = base_url_is_valid, .must_be = BASE_URL, .help = "Where OVH is"),
	SETTING_TEXT_AS(jobs_settings, delivery.sms.ovh_application_key, "sms_ovh_application_key",
		.flags = SETTING_RELOADABLE, .max = 64, .check = word_is_valid, .must_be = WORD,
		.help = "The application key for OVH"),
	SETTING_PATH_AS(jobs_settings, delivery.sms.ovh_secrets_file, "sms_ovh_secrets_file",
		.flags = SETTING_RELOADABLE,
		.help = "File with the application secret in its first line, and the consumer key "
			"in "
			"its second"),
	SETTING_TEXT_AS(jobs_settings, delivery.sms.ovh_service, "sms_ovh_service",
		.flags = SETTING_RELOADABLE, .max = 64,
		.help = "The SMS service at OVH; empty: the first one there is"),
	SETTING_TEXT_AS(jobs_settings, delivery.sms.ovh_sender, "sms_ovh_sender",
		.flags = SETTING_RELOADABLE, .max = 32, .help = "The sender registered there"),
	SETTING_INT_AS(jobs_settings, delivery.sms.at_once, "sms_at_once", .def = "16", .min = 1,
		.max = 200, .flags = SETTING_RELOADABLE,
		.help = "Text messages that one process sends at once, a quarter of them for one "
			"space"),
	SETTING_INT_AS(jobs_settings, delivery.sms.a_minute_per_space, "sms_per_minute_per_space",
		.def = "60", .min = 0, .max = 60000, .flags = SETTING_RELOADABLE,
		.help = "Text messages that one space sends in a minute, the others wait; 0: no "
			"limit"),
	SETTING_TEXT_AS(jobs_settings, delivery.mail.server, "mail_server",
		.flags = SETTING_RELOADABLE, .check = listen_address_is_valid,
		.must_be = "a host and a port, such as mail.example.org:587",
		.help = "The mail server that spaces without one of their own send by; empty: no "
			"mails are sent, they wait until they expire"),
	SETTING_CHOICE_AS(jobs_settings, delivery.mail.mail_tls, "mail_tls", .def = "starttls",
		.flags = SETTING_RELOADABLE, .one_of = mail_tls_words,
		.help = "How the mail server is spoken to: STARTTLS, which it must offer, TLS from "
			"the beginning, or without"),
	SETTING_TEXT_AS(jobs_settings, delivery.mail.user, "mail_user", .max = 255,
		.flags = SETTING_RELOADABLE, .help = "Its name there; empty: it logs in nowhere"),
	SETTING_PATH_AS(jobs_settings, delivery.mail.mail_password_file, "mail_password_file",
		.flags = SETTING_RELOADABLE, .help = "File with its password in the first line"),
	SETTING_TEXT_AS(jobs_settings, delivery.mail.from_address, "mail_from",
		.flags = SETTING_RELOADABLE, .def = "dialtone@localhost.localdomain",
		.check = mail_address_is_valid, .must_be = "an e-mail address",
		.help = "The address that mails come from"),
	SETTING_TEXT_AS(jobs_settings, delivery.mail.from_name, "mail_from_name", .max = 128,
		.flags = SETTING_RELOADABLE, .help = "The name that mails come from"),
	SETTING_PATH_AS(jobs_settings, delivery.mail.mail_templates, "mail_templates",
		.flags = SETTING_RELOADABLE,
		.help = "Folder of mails in other words, such as reset_password.fr.txt and "
			"reset_password.fr.html"),
	SETTING_INT_AS(jobs_settings, delivery.mail.at_once, "mails_at_once", .def = "32", .min = 1,
		.max = 500, .flags = SETTING_RELOADABLE,
		.help = "Mails that one process sends at once, a quarter of them for one space"),
	SETTING_INT_AS(jobs_settings, delivery.mail.mails_per_minute_per_space,
		"mails_per_minute_per_space", .def = "600", .min = 0, .max = 60000,
		.flags = SETTING_RELOADABLE,
		.help = "Mails that one space sends in a minute, the others wait; 0: no limit"),
	SETTING_INT_AS(jobs_settings, delivery.mail.mail_timeout_s, "mail_timeout_s", .def = "60",
		.min = 1, .max = 600, .flags = SETTING_RELOADABLE,
		.help = "Seconds after which a mail server that is not done is left"),
	SETTING_PATH(jobs_settings, metrics_socket, .check = unix_path_is_valid,
		.must_be = "the path of a unix socket",
		.help = "Unix socket that tells figures; none when empty"),
	SETTING_METRICS_LISTEN(jobs_settings, "127.0.0.1:9472"),
	SETTING_PATH(jobs_settings, pid_file, .help = "File for the process id"),
	SETTINGS_REDIS_LOGIN(jobs_settings, "dialtone-jobs"), SETTINGS_END
};

const struct settings_table jobs_table = { "jobs", rows, sizeof(struct jobs_settings),
	"dialtone-jobs, deliveries and clean-ups." };
