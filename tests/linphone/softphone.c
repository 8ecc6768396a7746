/*
 * A phone that stays on: Linphone's library with a configuration of its own, told by lines what to do.
 *
 *   softphone CONFIG
 *
 * Reads: call ADDRESS, answer, reject (603), hangup, hold, resume, transfer ADDRESS, join (the other side of the
 * first call is given to that of the second), quit.  All but join are about the newest call.
 * Prints: "provisioning: STATE", "registration: STATE", "call ADDRESS: STATE", and at the end of a call why.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linphone/core.h>

#define SLICE_MS 10

static bool ending;

static void on_configuring(LinphoneCore *core, LinphoneConfiguringState state, const char *message)
{
	(void)core;
	(void)message;
	printf("provisioning: %s\n", linphone_configuring_state_to_string(state));
}

static void on_registration(LinphoneCore *core, LinphoneAccount *account,
	LinphoneRegistrationState state, const char *message)
{
	(void)core;
	(void)account;
	(void)message;
	printf("registration: %s\n", linphone_registration_state_to_string(state));
}

static void on_call(
	LinphoneCore *core, LinphoneCall *call, LinphoneCallState state, const char *message)
{
	char *address = linphone_address_as_string_uri_only(linphone_call_get_remote_address(call));

	(void)core;
	printf("call %s: %s%s%s\n", address, linphone_call_state_to_string(state),
		message && *message ? " " : "", message ? message : "");
	bctbx_free(address);
}

static LinphoneCall *newest(LinphoneCore *core)
{
	const bctbx_list_t *last = linphone_core_get_calls(core);

	while (last && last->next)
		last = last->next;
	return last ? last->data : NULL;
}

static void start_call(LinphoneCore *core, const char *to)
{
	LinphoneCall *call = linphone_core_invite(core, to);

	if (!call)
		printf("error: no call to %s\n", to);
}

static void transfer(LinphoneCore *core, const char *to)
{
	LinphoneAddress *address = linphone_factory_create_address(linphone_factory_get(), to);

	linphone_call_transfer_to(newest(core), address);
	linphone_address_unref(address);
}

static void join(LinphoneCore *core)
{
	LinphoneCall *first = linphone_core_get_calls(core)->data;

	linphone_call_transfer_to_another(first, newest(core));
}

/* words: what to do and, when there is one, the address. */
static void obey(LinphoneCore *core, char *words)
{
	char *verb = strtok(words, " \n"), *address = strtok(NULL, " \n");
	LinphoneCall *call = newest(core);

	if (!verb)
		return;
	if (strcmp(verb, "quit") == 0)
		ending = true;
	else if (strcmp(verb, "call") == 0 && address)
		start_call(core, address);
	else if (!call)
		printf("error: no call to %s\n", verb);
	else if (strcmp(verb, "answer") == 0)
		linphone_call_accept(call);
	else if (strcmp(verb, "reject") == 0)
		linphone_call_decline(call, LinphoneReasonDeclined);
	else if (strcmp(verb, "hangup") == 0)
		linphone_call_terminate(call);
	else if (strcmp(verb, "hold") == 0)
		linphone_call_pause(call);
	else if (strcmp(verb, "resume") == 0)
		linphone_call_resume(call);
	else if (strcmp(verb, "transfer") == 0 && address)
		transfer(core, address);
	else if (strcmp(verb, "join") == 0)
		join(core);
}

/* Whole lines only: a line comes in one write. */
static void read_orders(LinphoneCore *core)
{
	char text[4096], *line, *rest = text;
	ssize_t n = read(STDIN_FILENO, text, sizeof(text) - 1);

	if (n == 0)
		ending = true;
	if (n <= 0)
		return;
	text[n] = '\0';
	while ((line = strsep(&rest, "\n")))
		obey(core, line);
}

static void no_sound_card(LinphoneCore *core)
{
	LinphoneVideoActivationPolicy *policy =
		linphone_factory_create_video_activation_policy(linphone_factory_get());

	linphone_core_set_use_files(core, true);
	linphone_core_enable_video_capture(core, false);
	linphone_core_enable_video_display(core, false);
	linphone_core_set_video_activation_policy(core, policy);
	linphone_video_activation_policy_unref(policy);
}

static LinphoneCore *core_new(const char *config)
{
	LinphoneFactory *factory = linphone_factory_get();
	LinphoneCoreCbs *cbs = linphone_factory_create_core_cbs(factory);
	LinphoneCore *core = linphone_factory_create_core_3(factory, config, NULL, NULL);

	linphone_core_cbs_set_configuring_status(cbs, on_configuring);
	linphone_core_cbs_set_account_registration_state_changed(cbs, on_registration);
	linphone_core_cbs_set_call_state_changed(cbs, on_call);
	linphone_core_add_callbacks(core, cbs);
	linphone_core_cbs_unref(cbs);
	no_sound_card(core);
	linphone_core_start(core);
	return core;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: softphone CONFIG\n", stderr);
		return 2;
	}
	linphone_logging_service_set_log_level(linphone_logging_service_get(),
		getenv("CLIENT_DEBUG") ? LinphoneLogLevelDebug : LinphoneLogLevelFatal);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);

	LinphoneCore *core = core_new(argv[1]);

	while (!ending) {
		linphone_core_iterate(core);
		read_orders(core);
		nanosleep(&(struct timespec){ .tv_nsec = SLICE_MS * 1000000L }, NULL);
	}
	linphone_core_stop(core);
	linphone_core_unref(core);
	return 0;
}
