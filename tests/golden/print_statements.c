/* Prints every statement of the programs as the server gets it, by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/pg/pg_priv.h"
#include "jobs/jobs.h"
#include "resources/statements.h"

#define COLUMNS 100

extern const struct stmt ctl_sealed_stmts[], ctl_status_stmts[], pbx_stmts[], pbx_lease_stmts[];

static const char *const types[] = {
	[PG_TEXT] = "text",
	[PG_INT] = "bigint",
	[PG_BOOL] = "boolean",
	[PG_TIME] = "timestamptz",
	[PG_BYTES] = "bytea",
	[PG_JSON] = "jsonb",
	[PG_INET] = "inet",
	[PG_INTS] = "bigint[]",
	[PG_TEXTS] = "text[]",
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct completed *)a)->stmt->name,
		((const struct completed *)b)->stmt->name);
}

/* Words, as many in a line as fit. */
static void print_wrapped(const char *text, const char *indent)
{
	struct str rest = str_from(text);
	size_t column = 0;

	while (rest.n) {
		struct str word = str_split(&rest, ' ');
		const char *gap = column == 0 ? "" : " ";

		if (!word.n)
			continue;
		if (column + word.n >= COLUMNS) {
			column = (size_t)printf("\n%s", indent) - 1;
			gap = "";
		}
		column += (size_t)printf("%s%.*s", gap, (int)word.n, word.p);
	}
}

static void add_params(
	struct buf *out, const struct completed *c, const char *name, const char *array)
{
	buf_printf(out, "-- %s (", name);
	for (size_t i = 0; i < c->count; i++) {
		const struct pg_param *p = &c->params[i];

		buf_printf(out, "%s$%zu %s%s%s%s", i ? ", " : "", i + 1,
			p->field ? p->field->name : "", p->field ? " " : "", types[p->type], array);
	}
	buf_add(out, ")", sizeof(")"));
}

/* array: what stands behind the type of each parameter. */
static void print_statement(
	const struct completed *c, const char *name, const char *sql, const char *array)
{
	struct buf params;

	buf_init(&params, 4096);
	add_params(&params, c, name, array);
	printf("\n");
	print_wrapped(params.p, "--   ");
	printf("\n");
	print_wrapped(sql, "  ");
	printf(";\n");
	buf_finish(&params);
}

int main(void)
{
	struct pg *pg = pg_new(&(struct pg_settings){ .conninfo = "" });

	statements_register(pg);
	jobs_register(pg);
	pg_register(pg, ctl_sealed_stmts);
	pg_register(pg, ctl_status_stmts);
	pg_register(pg, pbx_stmts);
	pg_register(pg, pbx_lease_stmts);
	qsort(pg->stmts, pg->stmt_count, sizeof(*pg->stmts), by_name);
	printf("-- Every statement as the server gets it: name, parameters in order, text.\n"
	       "-- Made from the tables of the store files. When the test says it differs, look at "
	       "the\n"
	       "-- difference, then copy tests/golden/statements.sql of the build folder over this "
	       "one.\n");
	for (size_t i = 0; i < pg->stmt_count; i++) {
		const struct completed *c = &pg->stmts[i];

		print_statement(c, c->stmt->name, c->sql, "");
		if (c->of_many)
			print_statement(c, c->of_many_name, c->of_many, "[]");
	}
	pg_free(&pg);
	return 0;
}
