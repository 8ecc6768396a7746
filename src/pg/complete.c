/*
 * The text of a statement as the server gets it.  What its tables say already (columns, their names,
 * the order of parameters) is written here from them, once, when it is registered; a mark that no
 * table explains is our bug and ends the program with the statement's name.
 *
 * It is not a generator: what a statement does stands in its text, and the server checks the whole of
 * it when it is prepared.
 */
#include "pg_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"

#define SQL_MAX ((size_t)64 << 10)

/* A statement while its text is written. */
struct completion {
	const struct stmt *stmt;
	struct buf sql;
	struct pg_param params[PG_PARAMS_MAX];
	size_t count;
};

static void refuse(const struct stmt *s, const char *what, struct str word)
{
	log_fatal("statement %s: %s %.*s", s->name, what, (int)word.n, word.p);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct str word_at(const char *p)
{
	size_t n = 0;

	while (is_letter(p[n]) || is_digit(p[n]))
		n++;
	return (struct str){ p, n };
}

static const char *column_of(const struct field *f)
{
	return f->column ? f->column : f->name;
}

/* Else it is an expression, which can be read only. */
static bool is_plain(const struct field *f)
{
	const char *column = column_of(f);

	return is_letter(column[0]) && word_at(column).n == strlen(column);
}

static bool is_written(const struct field *f)
{
	return field_is_column(f) && is_plain(f);
}

/* Parameters are numbered in the order of their first use. */
static size_t number_of(struct completion *c, const struct field *f)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->params[i].field == f)
			return i + 1;
	if (c->count == PG_PARAMS_MAX)
		refuse(c->stmt, "too many parameters with", str_from(f->name));
	c->params[c->count++] = (struct pg_param){ .type = pg_type_of_field(f->type), .field = f };
	return c->count;
}

static void add_parameter(struct completion *c, const struct field *f)
{
	buf_printf(&c->sql, "$%zu", number_of(c, f));
}

static void add_named_parameter(struct completion *c, struct str name)
{
	if (c->stmt->in)
		FIELD_FOR_EACH(f, c->stmt->in)
			if (str_is(name, f->name)) {
				add_parameter(c, f);
				return;
			}
	refuse(c->stmt, "unknown parameter", name);
}

static void add_column(struct completion *c, struct str table, const struct field *f)
{
	if (table.n && is_plain(f))
		buf_printf(&c->sql, "%.*s.", (int)table.n, table.p);
	buf_add_str(&c->sql, column_of(f));
}

/* How one field stands in a list. */
typedef void (*item_fn)(struct completion *c, struct str table, const struct field *f);

static void add_selected(struct completion *c, struct str table, const struct field *f)
{
	add_column(c, table, f);
	if (strcmp(column_of(f), f->name) != 0)
		buf_printf(&c->sql, " AS %s", f->name);
}

static void add_written(struct completion *c, struct str table, const struct field *f)
{
	(void)table;
	buf_add_str(&c->sql, column_of(f));
}

/* In a new row a flag that was not given is false. */
static void add_value(struct completion *c, struct str table, const struct field *f)
{
	bool flag = f->type == FIELD_TYPE_TRI;

	(void)table;
	buf_add_str(&c->sql, flag ? "coalesce(" : "");
	add_parameter(c, f);
	buf_add_str(&c->sql, flag ? ", false)" : "");
}

/* What was not given keeps the column as it is. */
static void add_assignment(struct completion *c, struct str table, const struct field *f)
{
	bool keeps = f->type == FIELD_TYPE_TRI || (f->flags & FIELD_KEEP);

	buf_printf(&c->sql, "%s = %s", column_of(f), keeps ? "coalesce(" : "");
	add_parameter(c, f);
	if (!keeps)
		return;
	buf_add_str(&c->sql, ", ");
	add_column(c, table, f);
	buf_add_char(&c->sql, ')');
}

static bool is_changed(const struct field *f)
{
	return is_written(f) && !(f->flags & FIELD_KEY);
}

static const struct mark {
	const char *name;
	bool of_row;   /* of .row, else of .in */
	bool of_table; /* the name of a table may follow */
	bool (*takes)(const struct field *f);
	item_fn add;
} marks[] = {
	{ "row", true, true, field_is_column, add_selected },
	{ "in", false, false, is_written, add_written },
	{ "values", false, false, is_written, add_value },
	{ "set", false, true, is_changed, add_assignment },
};

static void add_list(struct completion *c, const struct mark *m, struct str table)
{
	const struct field *fields = m->of_row ? c->stmt->row : c->stmt->in;
	bool first = true;

	if (!fields)
		refuse(c->stmt, "it has no table for", str_from(m->name));
	FIELD_FOR_EACH(f, fields) {
		if (!m->takes(f))
			continue;
		if (!first)
			buf_add_str(&c->sql, ", ");
		m->add(c, table, f);
		first = false;
	}
	if (first)
		refuse(c->stmt, "its table has nothing for", str_from(m->name));
}

/* {row}, {row a}, {in}, {values}, {set}, {set a}. Returns what is behind it. */
static const char *add_mark(struct completion *c, const char *p)
{
	struct str name = word_at(p + 1), table = { "", 0 };
	const char *end = name.p + name.n;

	if (*end == ' ') {
		table = word_at(end + 1);
		end = table.p + table.n;
	}
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]) && *end == '}'; i++)
		if (str_is(name, marks[i].name) && (marks[i].of_table || !table.n)) {
			add_list(c, &marks[i], table);
			return end + 1;
		}
	refuse(c->stmt, "unknown mark", name);
	return NULL;
}

static void write_text(struct completion *c)
{
	const char *p = c->stmt->sql;

	while (*p)
		if (*p == '$' && is_letter(p[1])) {
			struct str name = word_at(p + 1);

			add_named_parameter(c, name);
			p = name.p + name.n;
		} else if (*p == '{' && is_letter(p[1])) {
			p = add_mark(c, p);
		} else {
			if (*p == '$' && is_digit(p[1]) && c->stmt->in)
				refuse(c->stmt, "parameters have names, not", word_at(p + 1));
			buf_add_char(&c->sql, *p++);
		}
	buf_add_char(&c->sql, '\0');
}

static void take_declared_params(struct completion *c)
{
	while (c->count < PG_PARAMS_MAX && c->stmt->params[c->count] != PG_NO_TYPE) {
		c->params[c->count] = (struct pg_param){ .type = c->stmt->params[c->count] };
		c->count++;
	}
}

/* A row about another struct than the one declared would be written and read beside it. */
static void refuse_bad_rows(const struct stmt *s, const struct field *fields, size_t size)
{
	if (!fields != !size)
		log_fatal("statement %s: a table and its struct's size belong together", s->name);
	if (fields)
		FIELD_FOR_EACH(f, fields)
			if (f->offset + field_size(f) > size)
				refuse(s, "outside of its struct:", str_from(f->name));
}

static void refuse_bad_tables(const struct stmt *s)
{
	refuse_bad_rows(s, s->row, s->row_size);
	refuse_bad_rows(s, s->in, s->in_size);
	if (s->in && s->params[0] != PG_NO_TYPE)
		log_fatal("statement %s: parameters have either names or places", s->name);
}

/* The same with the parameters of one of many in place of its own. */
static void write_of_each(struct buf *out, const char *sql)
{
	for (; *sql; sql++)
		if (*sql == '$' && is_digit(sql[1]))
			buf_add_str(out, "q.p");
		else
			buf_add_char(out, *sql);
}

/*
 * What many ask of it, in one statement: their values in arrays, place after place, and behind the columns of each row
 * the place that it is for.  Rows come in the order of places, as each of them is looked up for itself: OFFSET 0 keeps
 * the server from making one join of it all, whose plan would be another.
 */
static void write_of_many(struct buf *out, const struct completed *c)
{
	for (size_t i = 0; i < c->count; i++)
		buf_printf(out, "%s$%zu", i ? ", " : "SELECT r.*, q.place FROM unnest(", i + 1);
	buf_add_str(out, ") WITH ORDINALITY q (");
	for (size_t i = 0; i < c->count; i++)
		buf_printf(out, "p%zu, ", i + 1);
	buf_add_str(out, "place) CROSS JOIN LATERAL (SELECT * FROM (");
	write_of_each(out, c->sql);
	buf_add_str(out, ") s OFFSET 0) r");
}

static void refuse_bad_of_many(const struct completed *c)
{
	bool of_many = c->stmt->row && c->count > 0;

	for (size_t i = 0; i < c->count && of_many; i++)
		of_many = pg_array_oids[c->params[i].type] != 0;
	if (!of_many)
		log_fatal("statement %s: many cannot ask it in one", c->stmt->name);
}

static void complete_of_many(struct completed *c)
{
	struct buf sql;

	refuse_bad_of_many(c);
	buf_init(&sql, SQL_MAX);
	write_of_many(&sql, c);
	if (sql.overflow)
		log_fatal("statement %s: too long for many", c->stmt->name);
	c->of_many = mem_strndup(sql.p, sql.n);
	buf_clear(&sql);
	buf_printf(&sql, "%s_of_many", c->stmt->name);
	c->of_many_name = mem_strndup(sql.p, sql.n);
	buf_finish(&sql);
}

struct completed stmt_complete(const struct stmt *s)
{
	struct completion c = { .stmt = s };
	struct completed ret = { .stmt = s };

	refuse_bad_tables(s);
	buf_init(&c.sql, SQL_MAX);
	take_declared_params(&c);
	write_text(&c);
	if (c.sql.overflow || (s->in && c.count == 0))
		log_fatal("statement %s: it uses nothing of its values, or is too long", s->name);
	ret.sql = mem_alloc(c.sql.n);
	memcpy(ret.sql, c.sql.p, c.sql.n);
	buf_finish(&c.sql);
	ret.count = c.count;
	ret.params = mem_alloc(c.count * sizeof(*ret.params) + 1);
	memcpy(ret.params, c.params, c.count * sizeof(*ret.params));
	if (s->of_many)
		complete_of_many(&ret);
	return ret;
}

void completed_finish(struct completed *c)
{
	free(c->sql);
	free(c->of_many);
	free(c->of_many_name);
	free(c->params);
}
