/*
 * Linphone's libraries as clients of the accounts API: liblinphone asks what its assistant asks before a
 * login, belle-sip, the HTTP client under it, answers the DIGEST challenges.
 *
 *   client https://HOST:PORT/api/ CA USER DOMAIN PASSWORD
 *
 * Prints a line for each question: its name and what the library made of the answer.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <belle-sip/belle-sip.h>
#include <linphone/core.h>

#define PATIENCE_MS 10000
#define SLICE_MS    20

static const char *url, *ca, *user, *domain, *password;

struct question {
	const char *algorithm; /* of the one challenge that is answered */
	unsigned challenges;
	int status;
	bool answered;
};

static void on_status(
	LinphoneAccountCreator *creator, LinphoneAccountCreatorStatus status, const char *response)
{
	const LinphoneAccountCreatorCbs *cbs =
		linphone_account_creator_get_current_callbacks(creator);
	struct question *q = linphone_account_creator_cbs_get_user_data(cbs);

	(void)response;
	q->status = status;
	q->answered = true;
}

static const char *text_of(int status)
{
	switch (status) {
	case LinphoneAccountCreatorStatusAccountExist:
		return "exists";
	case LinphoneAccountCreatorStatusAccountNotExist:
		return "does not exist";
	case LinphoneAccountCreatorStatusAccountActivated:
		return "activated";
	case LinphoneAccountCreatorStatusAccountNotActivated:
		return "not activated";
	default:
		return "no answer understood";
	}
}

/* Which API is asked is settled when a core is made. In memory only: nothing is kept. */
static LinphoneCore *core_new(void)
{
	LinphoneFactory *factory = linphone_factory_get();
	LinphoneConfig *config = linphone_factory_create_config_from_string(factory, "");

	linphone_config_set_int(
		config, "account_creator", "backend", LinphoneAccountCreatorBackendFlexiAPI);
	linphone_config_set_string(config, "account_creator", "url", url);
	LinphoneCore *core = linphone_factory_create_core_with_config_3(factory, config, NULL);

	linphone_config_unref(config);
	linphone_core_set_root_ca(core, ca);
	linphone_core_start(core);
	return core;
}

typedef LinphoneAccountCreatorStatus ask_fn(LinphoneAccountCreator *creator);

static void ask_linphone(LinphoneCore *core, const char *name, ask_fn *ask)
{
	LinphoneAccountCreator *creator = linphone_account_creator_create(core);
	LinphoneAccountCreatorCbs *cbs =
		linphone_factory_create_account_creator_cbs(linphone_factory_get());
	struct question q = { .status = -1 };

	linphone_account_creator_set_username(creator, user);
	linphone_account_creator_set_domain(creator, domain);
	linphone_account_creator_cbs_set_user_data(cbs, &q);
	linphone_account_creator_cbs_set_is_account_exist(cbs, on_status);
	linphone_account_creator_cbs_set_is_account_activated(cbs, on_status);
	/* Version 5.1 tells by this one whether an account is activated. */
	linphone_account_creator_cbs_set_activate_account(cbs, on_status);
	linphone_account_creator_add_callbacks(creator, cbs);
	if (ask(creator) == LinphoneAccountCreatorStatusRequestOk)
		for (int ms = 0; !q.answered && ms < PATIENCE_MS; ms += SLICE_MS) {
			linphone_core_iterate(core);
			nanosleep(&(struct timespec){ .tv_nsec = SLICE_MS * 1000000L }, NULL);
		}
	printf("%s: %s\n", name, text_of(q.status));
	linphone_account_creator_cbs_unref(cbs);
	linphone_account_creator_unref(creator);
}

static void on_response(void *arg, const belle_http_response_event_t *event)
{
	struct question *q = arg;

	q->status = event->response ? belle_http_response_get_status_code(event->response) : -1;
	q->answered = true;
}

static void on_failure(void *arg, const belle_sip_io_error_event_t *event)
{
	(void)event;
	((struct question *)arg)->answered = true;
}

static void on_timeout(void *arg, const belle_sip_timeout_event_t *event)
{
	(void)event;
	((struct question *)arg)->answered = true;
}

/* A challenge of another algorithm is left unanswered. */
static void on_challenge(void *arg, belle_sip_auth_event_t *event)
{
	struct question *q = arg;
	const char *algorithm = belle_sip_auth_event_get_algorithm(event);

	q->challenges++;
	if (strcmp(algorithm ? algorithm : "MD5", q->algorithm) != 0)
		return;
	belle_sip_auth_event_set_username(event, user);
	belle_sip_auth_event_set_passwd(event, password);
}

static belle_http_provider_t *provider_new(belle_sip_stack_t *stack)
{
	belle_http_provider_t *provider = belle_sip_stack_create_http_provider(stack, "0.0.0.0");
	belle_tls_crypto_config_t *crypto = belle_tls_crypto_config_new();

	belle_tls_crypto_config_set_root_ca(crypto, ca);
	belle_http_provider_set_tls_crypto_config(provider, crypto);
	belle_sip_object_unref(crypto);
	return provider;
}

static belle_http_request_t *request_new(void)
{
	char target[512], from[512];

	snprintf(target, sizeof(target), "%saccounts/me", url);
	snprintf(from, sizeof(from), "sip:%s@%s", user, domain);
	return belle_http_request_create("GET", belle_generic_uri_parse(target),
		belle_http_header_create("From", from),
		belle_http_header_create("Accept", "application/json"), NULL);
}

static void ask_with_digest(const char *algorithm)
{
	static const belle_http_request_listener_callbacks_t callbacks = {
		.process_response = on_response,
		.process_io_error = on_failure,
		.process_timeout = on_timeout,
		.process_auth_requested = on_challenge,
	};
	struct question q = { .algorithm = algorithm, .status = -1 };
	belle_sip_stack_t *stack = belle_sip_stack_new(NULL);
	belle_http_provider_t *provider = provider_new(stack);
	belle_http_request_listener_t *listener =
		belle_http_request_listener_create_from_callbacks(&callbacks, &q);

	belle_http_provider_send_request(provider, request_new(), listener);
	for (int ms = 0; !q.answered && ms < PATIENCE_MS; ms += SLICE_MS)
		belle_sip_stack_sleep(stack, SLICE_MS);
	printf("DIGEST %s: %d after %u\n", algorithm, q.status, q.challenges);
	belle_sip_object_unref(listener);
	belle_sip_object_unref(provider);
	belle_sip_object_unref(stack);
}

int main(int argc, char **argv)
{
	if (argc != 6) {
		fputs("usage: client URL CA USER DOMAIN PASSWORD\n", stderr);
		return 2;
	}
	url = argv[1], ca = argv[2], user = argv[3], domain = argv[4], password = argv[5];
	if (getenv("CLIENT_DEBUG"))
		linphone_logging_service_set_log_level(
			linphone_logging_service_get(), LinphoneLogLevelDebug);
	LinphoneCore *core = core_new();

	ask_linphone(core, "account", linphone_account_creator_is_account_exist);
	ask_linphone(core, "activation", linphone_account_creator_is_account_activated);
	linphone_core_unref(core);
	ask_with_digest("MD5");
	ask_with_digest("SHA-256");
	return 0;
}
