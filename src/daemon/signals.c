#include "daemon/signals.h"

#include <stddef.h>

static volatile sig_atomic_t stopping, reloading;

static void on_signal(int number)
{
	if (number == SIGHUP)
		reloading = 1;
	else
		stopping = 1;
}

void signals_init(sigset_t *ret_asleep)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sigaddset(&blocked, numbers[i]);
		sigaction(numbers[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &blocked, ret_asleep);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigdelset(ret_asleep, numbers[i]);
}

bool signals_say_stop(void)
{
	return stopping;
}

bool signals_say_reload(void)
{
	bool asked = reloading;

	reloading = 0;
	return asked;
}
