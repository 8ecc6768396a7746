#include "pbx/records.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/deadline.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sample.h"

#define WAITING_MAX 10000
#define AT_ONCE     200
#define GATHER_MS   200 /* so that a flood is written in few exchanges */
#define RETRY_MS    1000

/* One that waits, with its texts behind it. */
struct waiting {
	struct list link;
	struct call_record record;
	char texts[];
};

struct records {
	struct service *service;
	const struct pbx_settings *settings;
	struct list list;
	int64_t due_ms;
	struct sample complaints;
	struct records_figures figures;
};

struct records *records_new(struct service *service, const struct pbx_settings *settings)
{
	struct records *r = mem_alloc(sizeof(*r));

	r->service = service;
	r->settings = settings;
	list_init(&r->list);
	r->due_ms = DEADLINE_NEVER;
	return r;
}

static struct waiting *first(struct records *r)
{
	return LIST_ENTRY(r->list.next, struct waiting, link);
}

static void remove_first(struct records *r)
{
	struct waiting *w = first(r);

	list_remove(&w->link);
	r->figures.waiting--;
	free(w);
}

void records_free(struct records **r)
{
	if (!*r)
		return;
	while ((*r)->figures.waiting)
		remove_first(*r);
	free(*r);
	*r = NULL;
}

/* The texts of a record, in one order. */
#define TEXTS 12
static void texts_of(struct call_record *c, const char **ret[TEXTS])
{
	const char **all[TEXTS] = { &c->call_id, &c->linked_id, &c->cause, &c->from.domain,
		&c->from.number, &c->from.name, &c->from.exten, &c->to.domain, &c->to.number,
		&c->to.name, &c->to.exten, NULL };

	memcpy(ret, all, sizeof(all));
}

static struct waiting *copy_of(const struct call_record *record)
{
	struct call_record of = *record;
	const char **texts[TEXTS];
	struct waiting *w;
	size_t bytes = 0;
	char *at;

	texts_of(&of, texts);
	for (size_t i = 0; texts[i]; i++)
		bytes += *texts[i] ? strlen(*texts[i]) + 1 : 0;
	w = mem_alloc(sizeof(*w) + bytes);
	w->record = *record;
	texts_of(&w->record, texts);
	at = w->texts;
	for (size_t i = 0; texts[i]; i++) {
		size_t n = *texts[i] ? strlen(*texts[i]) + 1 : 0;

		if (n)
			*texts[i] = memcpy(at, *texts[i], n);
		at += n;
	}
	return w;
}

void records_add(struct records *r, const struct call_record *record)
{
	uint64_t left_out;

	if (r->figures.waiting >= WAITING_MAX) {
		r->figures.dropped++;
		if (sample_take(&r->complaints, clock_ms(), &left_out))
			log_error("a call is not recorded: %d wait for PostgreSQL already (%" PRIu64
				  " more were not told)",
				WAITING_MAX, left_out);
		return;
	}
	list_add_tail(&r->list, &copy_of(record)->link);
	r->figures.waiting++;
	if (r->due_ms == DEADLINE_NEVER)
		r->due_ms = clock_ms() + GATHER_MS;
}

static enum err write(struct records *r, const struct call_record *records, size_t n)
{
	arena_reset(r->service->arena);
	if (r->settings->statistics_from_calls)
		return call_records_add_reported(r->service, records, n);
	return call_records_add(r->service, records, n);
}

static bool is_for_later(enum err e)
{
	return e == ERR_UNAVAILABLE || e == ERR_RETRY;
}

static size_t oldest(struct records *r, struct call_record *ret, size_t most)
{
	struct list *at = r->list.next;
	size_t n = 0;

	for (; at != &r->list && n < most; at = at->next)
		ret[n++] = LIST_ENTRY(at, struct waiting, link)->record;
	return n;
}

/* What the database takes for no record is lost, and not those beside it. */
static enum err write_each(struct records *r, size_t n)
{
	struct call_record one;

	while (n--) {
		enum err e = write(r, &one, oldest(r, &one, 1));

		if (is_for_later(e))
			return e;
		if (e == ERR_OK)
			r->figures.written++;
		else
			r->figures.dropped++;
		remove_first(r);
	}
	return ERR_OK;
}

static enum err write_some(struct records *r)
{
	struct call_record some[AT_ONCE];
	size_t n = oldest(r, some, AT_ONCE);
	enum err e = write(r, some, n);

	if (e != ERR_OK)
		return is_for_later(e) ? e : write_each(r, n);
	r->figures.written += n;
	while (n--)
		remove_first(r);
	return ERR_OK;
}

int64_t records_write(struct records *r, int64_t now_ms)
{
	if (now_ms < r->due_ms)
		return r->due_ms;
	r->due_ms = DEADLINE_NEVER;
	if (r->figures.waiting && write_some(r) != ERR_OK)
		r->due_ms = now_ms + RETRY_MS;
	else if (r->figures.waiting)
		r->due_ms = now_ms;
	return r->due_ms;
}

void records_flush(struct records *r)
{
	while (r->figures.waiting && write_some(r) == ERR_OK)
		;
}

struct records_figures records_figures(const struct records *r)
{
	return r->figures;
}
