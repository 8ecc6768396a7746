#include "core_priv.h"

struct cause {
	int64_t code;
	const char *name;
};

/* sip-integration 3.3. */
static const struct cause causes[] = {
	{ 0, "normal_clearing" },
	{ 487, "normal_clearing" },
	{ 486, "user_busy" },
	{ 600, "user_busy" },
	{ 603, "call_rejected" },
	{ 480, "no_answer" },
	{ 408, "no_answer" },
	{ 484, "unallocated_number" },
	{ 503, "normal_circuit_congestion" },
};

const char *cause_of(int64_t code, bool is_absent)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (causes[i].code == code)
			return causes[i].name;
	/* Of a user that exists the proxy says so when no phone is registered. */
	if (code == 404)
		return is_absent ? "subscriber_absent" : "unallocated_number";
	return code >= 500 && code < 600 ? "interworking" : "not_defined";
}
