#include "refused.h"

#include <inttypes.h>

#include "base/log.h"

#define QUOTED_MAX (2 * NETWORK_SIZE + 3)

#define REASON_ROW(noun, word, status, text, setting) \
	[REASON_##noun] = { word, status, text, setting },
const struct reason_row reason_table[REASON_COUNT] = { REASONS(REASON_ROW) };
#undef REASON_ROW

/* Limits are the operator's business, mistakes are the client's. */
static enum log_level level_of(const struct reason_row *row)
{
	return *row->setting ? LOG_LEVEL_WARN : LOG_LEVEL_INFO;
}

void refused_note(struct server *server, enum reason reason, const char *network)
{
	const struct reason_row *row = &reason_table[reason];
	char quoted[QUOTED_MAX];
	uint64_t left_out;

	server->counters.refused[reason]++;
	if (!sample_take(&server->samples[reason], loop_now(server->loop), &left_out))
		return;
	log_fields(level_of(row), "refused",
		"reason=%s status=%d setting=%s address=%s left_out=%" PRIu64, row->word,
		row->status, *row->setting ? row->setting : "-",
		*network ? log_quote(quoted, sizeof(quoted), str_from(network)) : "-", left_out);
}
