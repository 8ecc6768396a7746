#include "ctl_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/mem.h"
#include "base/utf8.h"

#define JSON_MAX   ((size_t)256 << 20)
#define COLUMN_GAP 2

/* Text for a terminal: control characters could steer it. */
static const char *harmless(struct arena *arena, const char *s)
{
	char *copy = arena_strdup(arena, s);

	for (char *c = copy; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return copy;
}

static const char *time_text(struct arena *arena, int64_t us)
{
	char out[CLOCK_SQL_SIZE];

	return us ? arena_strdup(arena, clock_sql(out, us)) : "-";
}

static const char *cell(struct arena *arena, const struct field *f, const void *object)
{
	const void *value = field_value(f, object);
	const char *text;

	switch (f->type) {
	case FIELD_TYPE_INT:
		return arena_printf(arena, "%" PRId64, *(const int64_t *)value);
	case FIELD_TYPE_BOOL:
		return *(const bool *)value ? "yes" : "no";
	case FIELD_TYPE_TIME:
	case FIELD_TYPE_STAMP:
		return time_text(arena, *(const int64_t *)value);
	case FIELD_TYPE_TRI:
	case FIELD_TYPE_BYTES:
		return "-";
	default:
		text = *(const char *const *)value;
		return text && *text ? harmless(arena, text) : "-";
	}
}

static size_t width(const char *s)
{
	return utf8_length(s, strlen(s));
}

static void padded(FILE *out, const char *s, size_t to)
{
	fputs(s, out);
	for (size_t n = width(s); n < to + COLUMN_GAP; n++)
		fputc(' ', out);
}

static size_t column_count(const struct field *fields)
{
	size_t n = 0;

	FIELD_FOR_EACH(f, fields) {
		n++;
	}
	return n;
}

/* Cell i of all; line 0 is the head. */
static void lines_print(FILE *out, const char *const *cells, size_t columns, size_t lines)
{
	size_t *widths = mem_alloc(columns * sizeof(*widths));

	for (size_t i = 0; i < columns * lines; i++)
		if (width(cells[i]) > widths[i % columns])
			widths[i % columns] = width(cells[i]);
	for (size_t i = 0; i < columns * lines; i++)
		if (i % columns == columns - 1)
			fprintf(out, "%s\n", cells[i]);
		else
			padded(out, cells[i], widths[i % columns]);
	free(widths);
}

static void rows_json(
	FILE *out, const struct field *fields, const char *rows, size_t size, size_t n)
{
	struct buf b;
	struct json_writer w;

	buf_init(&b, JSON_MAX);
	json_writer_init(&w, &b);
	json_array_begin(&w);
	for (size_t i = 0; i < n; i++) {
		json_object_begin(&w);
		json_fields(&w, fields, rows + i * size, READER_ANY);
		json_object_end(&w);
	}
	json_array_end(&w);
	fprintf(out, "%s\n", b.p);
	buf_finish(&b);
}

void table_rows(struct ctl *c, const struct field *fields, const void *rows, size_t size, size_t n)
{
	size_t columns = column_count(fields), at = 0;
	const char **cells;

	if (c->json) {
		rows_json(c->out, fields, rows, size, n);
		return;
	}
	cells = mem_alloc(columns * (n + 1) * sizeof(*cells));
	FIELD_FOR_EACH(f, fields) {
		cells[at++] = f->name;
	}
	for (size_t i = 0; i < n; i++)
		FIELD_FOR_EACH(f, fields) {
			cells[at++] = cell(c->arena, f, (const char *)rows + i * size);
		}
	lines_print(c->out, cells, columns, n + 1);
	free(cells);
}

static void object_json(FILE *out, const struct field *fields, const void *object)
{
	struct buf b;
	struct json_writer w;

	buf_init(&b, JSON_MAX);
	json_writer_init(&w, &b);
	json_object_begin(&w);
	json_fields(&w, fields, object, READER_ANY);
	json_object_end(&w);
	fprintf(out, "%s\n", b.p);
	buf_finish(&b);
}

void table_object(struct ctl *c, const struct field *fields, const void *object)
{
	size_t widest = 0;

	if (c->json) {
		object_json(c->out, fields, object);
		return;
	}
	FIELD_FOR_EACH(f, fields) {
		if (width(f->name) > widest)
			widest = width(f->name);
	}
	FIELD_FOR_EACH(f, fields) {
		padded(c->out, f->name, widest);
		fprintf(c->out, "%s\n", cell(c->arena, f, object));
	}
}
