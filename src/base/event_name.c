#include "base/event_name.h"

#include <stddef.h>
#include <string.h>

static bool is_among(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

bool event_name_is_reserved(const char *name)
{
	static const char *const reserved[] = { "connect", "connect_error", "disconnect",
		"disconnecting", "newListener", "removeListener", NULL };

	return is_among(name, reserved);
}

bool event_name_acts(const char *name)
{
	static const char *const acting[] = { "callWebrtc", "answerWebrtc", "actionNethLink",
		NULL };

	return is_among(name, acting);
}

bool event_name_is_of_relays(const char *name)
{
	static const char *const of_relays[] = { "authe_ok", "401", "bad_request", "takeOver",
		NULL };

	return is_among(name, of_relays);
}
