#include "doctor_priv.h"

#include <stdarg.h>
#include <unistd.h>

bool is_stranger(const struct doctor *d)
{
	return geteuid() != 0 && geteuid() != d->service.uid;
}

struct doctor_finding finding_make(
	struct doctor *d, enum doctor_verdict verdict, const char *mend, const char *fmt, ...)
{
	struct doctor_finding f = { .verdict = verdict, .mend = mend };
	va_list ap;

	va_start(ap, fmt);
	f.seen = arena_vprintf(d->arena, fmt, ap);
	va_end(ap);
	return f;
}
