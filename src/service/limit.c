#define _GNU_SOURCE
#include "service/limit.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/network.h"
#include "base/sample.h"

#define QUOTED_MAX (2 * NETWORK_SIZE + 3)

#define LIMIT_ROW(noun, reason, status, setting) [LIMIT_##noun] = { reason, status, setting },
const struct limit_row limit_rows[LIMIT_COUNT] = { LIMITS(LIMIT_ROW) };
#undef LIMIT_ROW

struct limit_counts {
	_Atomic uint64_t refused[LIMIT_COUNT];
};

struct limits {
	struct limit_counts *counts;
	struct sample samples[LIMIT_COUNT];
};

struct limit_counts *limit_counts_new(void)
{
	void *shared = mmap(NULL, sizeof(struct limit_counts), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	/* Without it each worker counts for itself, which the log tells all the same. */
	return shared != MAP_FAILED ? shared : mem_alloc(sizeof(struct limit_counts));
}

uint64_t limit_count(const struct limit_counts *counts, enum limit limit)
{
	return atomic_load_explicit(&counts->refused[limit], memory_order_relaxed);
}

struct limits *limits_new(struct limit_counts *counts)
{
	struct limits *l = mem_alloc(sizeof(*l));

	l->counts = counts;
	return l;
}

void limits_free(struct limits **l)
{
	free(*l);
	*l = NULL;
}

/* The client is only named by its network: what a session or an account is called is no one's business. */
static void tell(enum limit limit, const char *network, uint64_t left_out)
{
	const struct limit_row *row = &limit_rows[limit];
	char quoted[QUOTED_MAX];

	log_fields(LOG_LEVEL_WARN, "refused",
		"reason=%s status=%d setting=%s address=%s left_out=%" PRIu64, row->reason,
		row->status, *row->setting ? row->setting : "-",
		*network ? log_quote(quoted, sizeof(quoted), str_from(network)) : "-", left_out);
}

void limit_note(const struct service *s, enum limit limit)
{
	struct limits *l = s->limits;
	char network[NETWORK_SIZE] = "";
	uint64_t left_out;

	atomic_fetch_add_explicit(&l->counts->refused[limit], 1, memory_order_relaxed);
	if (!sample_take(&l->samples[limit], clock_ms(), &left_out))
		return;
	if (s->client.ip)
		network_of(network, str_from(s->client.ip));
	tell(limit, network, left_out);
}

void limits_report(struct limits *l)
{
	uint64_t left_out;

	for (int i = 0; i < LIMIT_COUNT; i++)
		if (sample_flush(&l->samples[i], clock_ms(), &left_out))
			tell((enum limit)i, "", left_out);
}
