/*
 * A phone that is switched on once: Linphone's library with a configuration of its own, which it keeps in a file.
 *
 *   phone CONFIG [ACCOUNTS-URL]
 *
 * Prints what became of the provisioning address in that file, then the address it registers and the credentials it
 * has and, with a URL, how the accounts API answers a call with each of them.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <belle-sip/belle-sip.h>
#include <linphone/core.h>

#define PATIENCE_MS 10000
#define SLICE_MS    10

static const char *configured; /* NULL: not yet */

static void on_configuring(LinphoneCore *core, LinphoneConfiguringState state, const char *message)
{
	(void)core;
	(void)message;
	configured = state == LinphoneConfiguringSuccessful ? "successful"
		     : state == LinphoneConfiguringSkipped  ? "skipped"
							    : "failed";
}

static void rest(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = SLICE_MS * 1000000L }, NULL);
}

static LinphoneCore *core_new(const char *config)
{
	LinphoneFactory *factory = linphone_factory_get();
	LinphoneCoreCbs *cbs = linphone_factory_create_core_cbs(factory);
	LinphoneCore *core = linphone_factory_create_core_3(factory, config, NULL, NULL);

	linphone_core_cbs_set_configuring_status(cbs, on_configuring);
	linphone_core_add_callbacks(core, cbs);
	linphone_core_cbs_unref(cbs);
	linphone_core_start(core);
	for (int ms = 0; !configured && ms < PATIENCE_MS; ms += SLICE_MS) {
		linphone_core_iterate(core);
		rest();
	}
	return core;
}

struct call {
	const LinphoneAuthInfo *credential;
	int status;
	bool answered;
};

static void on_response(void *arg, const belle_http_response_event_t *event)
{
	struct call *c = arg;

	c->status = event->response ? belle_http_response_get_status_code(event->response) : -1;
	c->answered = true;
}

static void on_failure(void *arg, const belle_sip_io_error_event_t *event)
{
	(void)event;
	((struct call *)arg)->answered = true;
}

static void on_timeout(void *arg, const belle_sip_timeout_event_t *event)
{
	(void)event;
	((struct call *)arg)->answered = true;
}

/* A challenge of another algorithm is left unanswered. */
static void on_challenge(void *arg, belle_sip_auth_event_t *event)
{
	const LinphoneAuthInfo *a = ((struct call *)arg)->credential;
	const char *asked = belle_sip_auth_event_get_algorithm(event);

	if (strcmp(asked ? asked : "MD5", linphone_auth_info_get_algorithm(a)) != 0)
		return;
	belle_sip_auth_event_set_username(event, linphone_auth_info_get_username(a));
	belle_sip_auth_event_set_ha1(event, linphone_auth_info_get_ha1(a));
}

static belle_http_request_t *request_new(const char *url, const LinphoneAuthInfo *a)
{
	char target[512], from[512];

	snprintf(target, sizeof(target), "%saccounts/me", url);
	snprintf(from, sizeof(from), "sip:%s@%s", linphone_auth_info_get_username(a),
		linphone_auth_info_get_domain(a));
	return belle_http_request_create("GET", belle_generic_uri_parse(target),
		belle_http_header_create("From", from),
		belle_http_header_create("Accept", "application/json"), NULL);
}

static int ask(const char *url, const char *ca, const LinphoneAuthInfo *a)
{
	static const belle_http_request_listener_callbacks_t callbacks = {
		.process_response = on_response,
		.process_io_error = on_failure,
		.process_timeout = on_timeout,
		.process_auth_requested = on_challenge,
	};
	struct call c = { .credential = a, .status = -1 };
	belle_sip_stack_t *stack = belle_sip_stack_new(NULL);
	belle_http_provider_t *provider = belle_sip_stack_create_http_provider(stack, "0.0.0.0");
	belle_tls_crypto_config_t *crypto = belle_tls_crypto_config_new();
	belle_http_request_listener_t *listener =
		belle_http_request_listener_create_from_callbacks(&callbacks, &c);

	belle_tls_crypto_config_set_root_ca(crypto, ca);
	belle_http_provider_set_tls_crypto_config(provider, crypto);
	belle_http_provider_send_request(provider, request_new(url, a), listener);
	for (int ms = 0; !c.answered && ms < PATIENCE_MS; ms += SLICE_MS)
		belle_sip_stack_sleep(stack, SLICE_MS);
	belle_sip_object_unref(crypto);
	belle_sip_object_unref(listener);
	belle_sip_object_unref(provider);
	belle_sip_object_unref(stack);
	return c.status;
}

static void tell_account(LinphoneCore *core)
{
	const LinphoneAccount *account = linphone_core_get_default_account(core);
	const LinphoneAccountParams *params =
		account ? linphone_account_get_params((LinphoneAccount *)account) : NULL;
	const LinphoneAddress *address =
		params ? linphone_account_params_get_identity_address(params) : NULL;
	char *text = address ? linphone_address_as_string(address) : NULL;

	printf("identity: %s\n", text ? text : "none");
	if (text)
		bctbx_free(text);
}

static void tell_credentials(LinphoneCore *core, const char *url)
{
	for (const bctbx_list_t *i = linphone_core_get_auth_info_list(core); i; i = i->next) {
		const LinphoneAuthInfo *a = i->data;
		int status = url ? ask(url, linphone_core_get_root_ca(core), a) : 0;

		printf("credential: %s@%s %s %s %d\n", linphone_auth_info_get_username(a),
			linphone_auth_info_get_domain(a), linphone_auth_info_get_algorithm(a),
			linphone_auth_info_get_ha1(a), status);
	}
}

int main(int argc, char **argv)
{
	if (argc < 2 || argc > 3) {
		fputs("usage: phone CONFIG [ACCOUNTS-URL]\n", stderr);
		return 2;
	}
	if (getenv("CLIENT_DEBUG"))
		linphone_logging_service_set_log_level(
			linphone_logging_service_get(), LinphoneLogLevelDebug);
	LinphoneCore *core = core_new(argv[1]);

	printf("provisioning: %s\n", configured ? configured : "no answer");
	tell_account(core);
	tell_credentials(core, argc == 3 ? argv[2] : NULL);
	linphone_core_stop(core);
	linphone_core_unref(core);
	return 0;
}
