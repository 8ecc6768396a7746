/* Prints docs/figures.md, the reference of all figures; run by the build, not installed. */
#include <stdio.h>
#include <string.h>

#include "api/board.h"
#include "api/figures.h"
#include "base/process_figures.h"
#include "jobs/figures.h"
#include "pbx/connector.h"
#include "relay/admin/metric.h"

static const char *const types[] = { [METRIC_COUNTER] = "counter",
	[METRIC_GAUGE] = "gauge",
	[METRIC_HISTOGRAM] = "histogram",
	[METRIC_INFO] = "info" };
static const char *const endings[] = { [METRIC_COUNTER] = "_total",
	[METRIC_GAUGE] = "",
	[METRIC_HISTOGRAM] = "",
	[METRIC_INFO] = "_info" };

static const char *print_name(const char *label)
{
	printf(" `%.*s`:", (int)strcspn(label, "="), label);
	return "";
}

/* "code=\"1000\",reason=\"normal\"": name and values of a label, once each. */
static void print_values(const struct metric *family)
{
	const char *between = print_name(family->labels);

	for (const struct metric *m = family; m->name && strcmp(m->name, family->name) == 0; m++) {
		const char *value = strchr(m->labels, '"') + 1;

		printf("%s %.*s", between, (int)strcspn(value, "\""), value);
		between = ",";
	}
}

static void print_labels(const struct metric *family)
{
	if (family->by)
		printf(" `%s`", family->by);
	else if (family->labels && strchr(family->labels, ','))
		printf(" `%s` ...", family->labels);
	else if (family->labels)
		print_values(family);
}

static void print_rows(const char *prefix, const struct metric *rows)
{
	const char *last = "";

	for (const struct metric *m = rows; m->name; last = m->name, m++) {
		if (strcmp(last, m->name) == 0)
			continue;
		printf("| `%s%s%s` | %s |", prefix, m->name, endings[m->type], types[m->type]);
		print_labels(m);
		printf(" | %s |\n", m->help);
	}
}

static void print_program(const char *title)
{
	printf("\n## %s\n\n| figure | type | labels | what it tells |\n|---|---|---|---|\n", title);
}

int main(void)
{
	printf("# Figures\n\n"
	       "Every figure that the programs tell on `/metrics`, printed from their rows by the "
	       "build. How they are read, and\n"
	       "which are worth an alarm: [monitoring.md](monitoring.md).\n");
	print_program("All programs");
	print_rows("dialtone_", build_metrics);
	print_rows("process_", process_metrics);
	print_program("dialtone-api");
	print_rows(API_METRICS_PREFIX, api_metrics);
	print_rows(API_METRICS_PREFIX, board_route_metrics);
	print_program("dialtone-jobs");
	print_rows(JOBS_METRICS_PREFIX, jobs_metrics);
	print_rows(JOBS_METRICS_PREFIX, jobs_kind_metrics);
	print_program("dialtone-pbx");
	print_rows(PBX_METRICS_PREFIX, connector_metrics);
	print_rows(PBX_METRICS_PREFIX, kamailio_metrics);
	print_program("dialtone-relay");
	print_rows(RELAY_METRICS_PREFIX, relay_metrics);
	return 0;
}
