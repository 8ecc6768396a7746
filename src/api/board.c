#define _GNU_SOURCE
#include "api/board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/counter.h"
#include "base/http_status.h"
#include "base/log.h"
#include "base/mem.h"

#define OTHER        "other"
#define LABELS_MAX   1024
#define AT_MAX       256
#define STATUS_BELOW 600

static const uint64_t bounds[] = { 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000,
	1000000, 2500000, 5000000, 10000000, 0 };
_Static_assert(sizeof(bounds) / sizeof(bounds[0]) <= METRIC_BOUNDS_MAX + 1, "they have room");

const struct metric board_route_metrics[] = {
	[BOARD_REQUESTS] = { "requests", NULL, METRIC_COUNTER,
		"Requests answered, by route, method and status", METRIC_NOWHERE,
		"route, method, status" },
	[BOARD_REQUEST_SECONDS] = { "request_seconds", NULL, METRIC_HISTOGRAM,
		"How long after it was read a request was answered, by route", METRIC_NOWHERE,
		"route", METRIC_MICROSECONDS, bounds },
	METRICS_END,
};

struct board {
	struct supervisor_figures *supervisor;
	struct limit_counts *limits;
	const struct endpoint **rows; /* by their address */
	size_t rows_n;
	uint8_t status_index[STATUS_BELOW];
	char *shared; /* SUPERVISOR_PLACES of place_size bytes */
	size_t place_size;
};

/* A place: the worker's own, then a struct for each row, and one for what has none. */
static struct worker_figures *worker_at(const struct board *b, size_t place)
{
	return (void *)(b->shared + place * b->place_size);
}

static struct route_figures *route_at(const struct board *b, size_t place, size_t i)
{
	return (struct route_figures *)(void *)(worker_at(b, place) + 1) + i;
}

static int by_address(const void *a, const void *b)
{
	const struct endpoint *const *x = a, *const *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void take_rows(struct board *b, const struct router *r)
{
	const struct endpoint *row;

	for (size_t at = 0; router_next(r, &at, &row); b->rows_n++)
		;
	b->rows = mem_alloc(b->rows_n * sizeof(*b->rows));
	for (size_t at = 0, i = 0; router_next(r, &at, &row); i++)
		b->rows[i] = row;
	qsort(b->rows, b->rows_n, sizeof(*b->rows), by_address);
}

/* Statuses have their places in the list of those that have a name; the last place is for others. */
static void take_statuses(struct board *b)
{
	int status;

	memset(b->status_index, BOARD_STATUSES_MAX - 1, sizeof(b->status_index));
	for (size_t i = 0; (status = http_status_nth(i)); i++) {
		if (i >= BOARD_STATUSES_MAX - 1)
			log_fatal("more statuses than places");
		b->status_index[status] = (uint8_t)i;
	}
}

static void *share(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		log_fatal("no %zu bytes of memory to share with the workers", bytes);
	return p;
}

struct board *board_new(const struct router *r)
{
	struct board *b = mem_alloc(sizeof(*b));

	take_rows(b, r);
	take_statuses(b);
	b->place_size =
		sizeof(struct worker_figures) + (b->rows_n + 1) * sizeof(struct route_figures);
	b->shared = share(b->place_size * SUPERVISOR_PLACES);
	b->supervisor = share(sizeof(*b->supervisor));
	b->limits = limit_counts_new();
	return b;
}

void board_free(struct board **b)
{
	if (!*b)
		return;
	free((*b)->rows);
	free(*b);
	*b = NULL;
}

struct supervisor_figures *board_supervisor(const struct board *b)
{
	return b->supervisor;
}

struct limit_counts *board_limits(const struct board *b)
{
	return b->limits;
}

struct worker_figures *board_take(struct board *b, size_t place)
{
	struct worker_figures *w = worker_at(b, place);

	/* The last one here may have ended in the middle of something. */
	counter_set(&w->busy, 0);
	counter_set(&w->keeps, 0);
	counter_set(&w->connections, 0);
	counter_set(&w->at.row, 0);
	w->at.request[0] = '\0';
	counter_set(&w->pg.up, 0);
	counter_set(&w->redis.up, 0);
	return w;
}

static size_t index_of(const struct board *b, const struct endpoint *row)
{
	const struct endpoint **found =
		bsearch(&row, b->rows, b->rows_n, sizeof(*b->rows), by_address);

	return found ? (size_t)(found - b->rows) : b->rows_n;
}

void board_note_at(struct board *b, size_t place, const char request_id[REQUEST_ID_SIZE],
	const struct endpoint *row)
{
	struct worker_figures *w = worker_at(b, place);

	counter_set(&w->at.row, (uintptr_t)row);
	memcpy(w->at.request, request_id, sizeof(w->at.request));
	board_note_turn(b, place);
}

void board_note_turn(struct board *b, size_t place)
{
	counter_add(&worker_at(b, place)->turns, 1);
}

/* tests/bench/metrics builds a program without, to compare. */
#ifdef DIALTONE_UNCOUNTED
#define counter_add(counter, n) ((void)(counter), (void)(n))
#endif

void board_note_together(struct board *b, size_t place, size_t requests)
{
	counter_add(&worker_at(b, place)->together, requests);
}

void board_note(struct board *b, size_t place, const struct endpoint *row, int status, uint64_t us,
	uint64_t spent_us)
{
	struct route_figures *f = route_at(b, place, index_of(b, row));
	size_t i = status >= 0 && status < STATUS_BELOW ? b->status_index[status]
							: BOARD_STATUSES_MAX - 1;

	counter_add(&f->statuses[i], 1);
	counter_add(
		&f->took.counts[metric_bucket(&board_route_metrics[BOARD_REQUEST_SECONDS], us)], 1);
	counter_add(&f->took.sum_us, us);
	counter_add(&worker_at(b, place)->busy_us, spent_us);
}

/* Memory of a place that never had a worker is not touched. */
static bool was_used(const struct board *b, size_t place)
{
	return counter_read(&b->supervisor->places[place].used);
}

static bool is_alive(const struct board *b, size_t place)
{
	return counter_read(&b->supervisor->places[place].pid);
}

/* One that ends takes no connection any more. */
static bool is_there_for_more(const struct board *b, size_t place)
{
	return is_alive(b, place) && !counter_read(&b->supervisor->places[place].ends);
}

size_t board_alive_before(const struct board *b, size_t place)
{
	size_t n = 0;

	for (size_t i = 0; i < place; i++)
		n += is_there_for_more(b, i);
	return n;
}

static bool waits_for_more(const struct board *b, size_t place)
{
	const struct worker_figures *w = worker_at(b, place);

	return is_there_for_more(b, place) && counter_read(&w->keeps) && !counter_read(&w->busy);
}

/* Places are taken from the first on. */
size_t board_fewest_connections(const struct board *b, size_t place)
{
	size_t fewest = SIZE_MAX;

	for (size_t i = 0; i < SUPERVISOR_PLACES && was_used(b, i); i++) {
		if (i == place || !waits_for_more(b, i))
			continue;
		uint64_t n = counter_read(&worker_at(b, i)->connections);

		if (n < fewest)
			fewest = n;
	}
	return fewest;
}

uint64_t board_steps(const struct board *b, size_t place)
{
	const struct worker_figures *w = worker_at(b, place);

	return counter_read(&w->turns) + counter_read(&w->pg.answers);
}

/* One that hangs may have written anything: NULL: no row, or none yet. */
static const struct endpoint *row_at(const struct board *b, const struct worker_figures *w)
{
	const struct endpoint *row = (const void *)(uintptr_t)counter_read(&w->at.row);
	size_t i = index_of(b, row);

	return i < b->rows_n ? b->rows[i] : NULL;
}

static bool has_request(const struct worker_figures *w)
{
	const size_t n = strnlen(w->at.request, sizeof(w->at.request));

	return n < sizeof(w->at.request) &&
	       request_id_is_acceptable((struct str){ w->at.request, n });
}

void board_tell_hung(const struct board *b, size_t place, pid_t pid, int64_t silent_ms)
{
	const struct worker_figures *w = worker_at(b, place);
	const struct endpoint *row = row_at(b, w);
	char at[AT_MAX] = "its first request";

	if (row)
		snprintf(at, sizeof(at), "%s %s", method_name(row->method), row->path);
	else if (has_request(w))
		snprintf(at, sizeof(at), "a request without a route");
	log_set_request(has_request(w) ? w->at.request : NULL);
	log_warn("worker %d hangs and is killed: it has done nothing for %lld s, %s %s; "
		 "another one is started, and PostgreSQL rolls back what was not committed",
		(int)pid, (long long)(silent_ms / 1000),
		counter_read(&w->busy) ? "at"
		: has_request(w)       ? "after"
				       : "before",
		at);
	log_set_request(NULL);
}

static void add(uint64_t *to, const uint64_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] += counter_read(&from[i]);
}

#define ADD(to, from, member)                                                                   \
	add((uint64_t *)(void *)&(to)->member, (const uint64_t *)(const void *)&(from)->member, \
		sizeof((to)->member) / sizeof(uint64_t))

struct worker_figures board_sum(const struct board *b)
{
	struct worker_figures sum = { 0 };

	for (size_t i = 0; i < SUPERVISOR_PLACES; i++) {
		const struct worker_figures *w = worker_at(b, i);

		if (!was_used(b, i))
			continue;
		if (is_alive(b, i)) {
			ADD(&sum, w, busy);
			ADD(&sum, w, connections);
			ADD(&sum, w, pg.up);
			ADD(&sum, w, redis.up);
		}
		ADD(&sum, w, pg.losses);
		ADD(&sum, w, pg.errors);
		ADD(&sum, w, redis.failures);
		ADD(&sum, w, busy_us);
		ADD(&sum, w, together);
		ADD(&sum, w, counts);
	}
	return sum;
}

static struct route_figures sum_of_row(const struct board *b, size_t row)
{
	struct route_figures sum = { 0 };

	for (size_t i = 0; i < SUPERVISOR_PLACES; i++) {
		if (!was_used(b, i))
			continue;
		ADD(&sum, route_at(b, i, row), statuses);
		ADD(&sum, route_at(b, i, row), took);
	}
	return sum;
}

static const char *route_name(const struct board *b, size_t row)
{
	return row < b->rows_n ? b->rows[row]->path : OTHER;
}

static void put_statuses(const struct board *b, struct metric_text *t, size_t row,
	const struct route_figures *f, struct buf *labels)
{
	char number[16];

	for (size_t i = 0; i < BOARD_STATUSES_MAX; i++) {
		int status = http_status_nth(i);

		if (!f->statuses[i])
			continue;
		snprintf(number, sizeof(number), "%d", status);
		buf_clear(labels);
		metric_label(labels, "route", str_from(route_name(b, row)));
		metric_label(labels, "method",
			str_from(row < b->rows_n ? method_name(b->rows[row]->method) : OTHER));
		metric_label(labels, "status", str_from(status ? number : OTHER));
		metric_put(t, &board_route_metrics[BOARD_REQUESTS], labels->p, f->statuses[i]);
	}
}

static bool is_same_route(const struct board *b, size_t x, size_t y)
{
	return strcmp(route_name(b, x), route_name(b, y)) == 0;
}

/* Whether those of its path were told before. */
static bool was_told(const struct board *b, size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (is_same_route(b, i, row))
			return true;
	return false;
}

static uint64_t how_many(const struct metric_histogram *h)
{
	uint64_t n = 0;

	for (size_t i = 0; i <= METRIC_BOUNDS_MAX; i++)
		n += h->counts[i];
	return n;
}

/* Of all methods of the path. */
static void put_took(const struct board *b, struct metric_text *t, const struct route_figures *rows,
	size_t row, struct buf *labels)
{
	struct route_figures sum = { 0 };

	for (size_t i = row; i <= b->rows_n; i++)
		if (is_same_route(b, i, row))
			ADD(&sum, &rows[i], took);
	if (how_many(&sum.took) == 0)
		return;
	buf_clear(labels);
	metric_label(labels, "route", str_from(route_name(b, row)));
	metric_put_histogram(t, &board_route_metrics[BOARD_REQUEST_SECONDS], labels->p, &sum.took);
}

void board_put_routes(const struct board *b, struct metric_text *t)
{
	struct route_figures *rows = mem_alloc((b->rows_n + 1) * sizeof(*rows));
	struct buf labels;

	buf_init(&labels, LABELS_MAX);
	for (size_t i = 0; i <= b->rows_n; i++) {
		rows[i] = sum_of_row(b, i);
		put_statuses(b, t, i, &rows[i], &labels);
	}
	for (size_t i = 0; i <= b->rows_n; i++)
		if (!was_told(b, i))
			put_took(b, t, rows, i, &labels);
	buf_finish(&labels);
	free(rows);
}
