#include "doctor_priv.h"

#include <stdarg.h>
#include <unistd.h>

bool is_stranger(const struct doctor *d)
{
	return geteuid() != 0 && geteuid() != d->service.uid;
}

static struct doctor_finding make(struct doctor *d, enum doctor_verdict verdict, const char *mend,
	const char *fmt, va_list ap) __attribute__((format(printf, 4, 0)));
static struct doctor_finding make(struct doctor *d, enum doctor_verdict verdict, const char *mend,
	const char *fmt, va_list ap)
{
	return (struct doctor_finding){
		.verdict = verdict, .seen = arena_vprintf(d->arena, fmt, ap), .mend = mend
	};
}

struct doctor_finding found_well(struct doctor *d, const char *fmt, ...)
{
	struct doctor_finding f;
	va_list ap;

	va_start(ap, fmt);
	f = make(d, DOCTOR_OK, NULL, fmt, ap);
	va_end(ap);
	return f;
}

struct doctor_finding not_looked_at(struct doctor *d, const char *fmt, ...)
{
	struct doctor_finding f;
	va_list ap;

	va_start(ap, fmt);
	f = make(d, DOCTOR_UNSEEN, NULL, fmt, ap);
	va_end(ap);
	f.seen = arena_printf(d->arena, "not looked at: %s", f.seen);
	return f;
}

struct doctor_finding found_wrong(struct doctor *d, const char *mend, const char *fmt, ...)
{
	struct doctor_finding f;
	va_list ap;

	va_start(ap, fmt);
	f = make(d, DOCTOR_WRONG, mend, fmt, ap);
	va_end(ap);
	return f;
}

struct doctor_finding found_doubtful(struct doctor *d, const char *mend, const char *fmt, ...)
{
	struct doctor_finding f;
	va_list ap;

	va_start(ap, fmt);
	f = make(d, DOCTOR_WARN, mend, fmt, ap);
	va_end(ap);
	return f;
}
