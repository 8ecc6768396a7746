#include <stdarg.h>
#include <string.h>

#include "conf_priv.h"

#define FIRST_BLOCK    16384
#define MISTAKES_MAX   65536
#define RULE_MAX       512
#define VALUE_SHOWN    64
#define ENV_NAME_BYTES 128

static size_t rows_count(const struct settings_table *const *tables)
{
	size_t n = 0;

	for (; *tables; tables++)
		SETTING_FOR_EACH(row, *tables)
	n++;
	return n;
}

void load_init(struct load *l, const struct settings_table *const *tables)
{
	*l = (struct load){ .arena = arena_new(FIRST_BLOCK) };
	buf_init(&l->mistakes, MISTAKES_MAX);
	l->slots = arena_alloc(l->arena, rows_count(tables) * sizeof(*l->slots));
	for (; *tables; tables++) {
		void *object = arena_alloc(l->arena, (*tables)->size);

		SETTING_FOR_EACH(row, *tables)
		{
			setting_read_default(row, l->arena, object);
			l->slots[l->count++] = (struct slot){
				.table = *tables, .row = row, .object = object, .where = "default"
			};
		}
	}
}

void load_finish(struct load *l)
{
	arena_free(&l->arena);
	buf_finish(&l->mistakes);
}

void load_mistake(struct load *l, const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_printf(&l->mistakes, "%s: %s\n", where, arena_vprintf(l->arena, fmt, ap));
	va_end(ap);
	l->mistake_count++;
}

struct slot *load_find(struct load *l, const struct settings_table *table, struct str name)
{
	for (struct slot *s = l->slots; s < l->slots + l->count; s++)
		if ((!table || s->table == table) && str_is(name, s->row->name))
			return s;
	return NULL;
}

void load_assign(struct load *l, struct slot *s, struct str text, const char *where)
{
	struct buf rule;
	int shown = text.n < VALUE_SHOWN ? (int)text.n : VALUE_SHOWN;

	if (setting_read(s->row, text, l->arena, s->object)) {
		s->where = where;
		return;
	}
	buf_init(&rule, RULE_MAX);
	setting_write_rule(s->row, &rule);
	if (s->row->flags & SETTING_SECRET)
		load_mistake(l, where, "%s must be %s", s->row->name, rule.p);
	else
		load_mistake(l, where, "%s must be %s, not \"%.*s\"", s->row->name, rule.p, shown,
			text.p);
	buf_finish(&rule);
}

void *load_object(const struct load *l, const struct settings_table *table)
{
	for (const struct slot *s = l->slots; s < l->slots + l->count; s++)
		if (s->table == table)
			return s->object;
	return NULL;
}

static void add_upper(struct buf *out, const char *s)
{
	for (; *s; s++)
		buf_add_char(out, *s >= 'a' && *s <= 'z' ? (char)(*s - ('a' - 'A')) : *s);
}

/* "DIALTONE_LOG_LEVEL", "DIALTONE_API_WORKERS" */
static void write_env_name(
	const struct settings_table *table, const struct setting *row, struct buf *out)
{
	buf_clear(out);
	buf_add_str(out, "DIALTONE_");
	if (table != &common_table) {
		add_upper(out, table->section);
		buf_add_char(out, '_');
	}
	add_upper(out, row->name);
}

static const char *env_value(const char *const *env, struct str name)
{
	for (; *env; env++)
		if (strncmp(*env, name.p, name.n) == 0 && (*env)[name.n] == '=')
			return *env + name.n + 1;
	return NULL;
}

static void read_variable(struct load *l, struct slot *s, const char *const *env)
{
	struct buf name;
	const char *text;

	buf_init(&name, ENV_NAME_BYTES);
	write_env_name(s->table, s->row, &name);
	text = env_value(env, buf_str(&name));
	if (text)
		load_assign(l, s, str_trim(str_from(text)),
			arena_printf(l->arena, "environment %s", name.p));
	buf_finish(&name);
}

/* A common setting under the name it would have in the section of a program: passed over, it would
 * silently keep its default. */
static void refuse_misplaced(struct load *l, const struct slot *s, const char *const *env)
{
	struct buf name;

	buf_init(&name, ENV_NAME_BYTES);
	for (size_t i = 1; settings_tables[i]; i++) {
		write_env_name(settings_tables[i], s->row, &name);
		if (env_value(env, buf_str(&name)))
			load_mistake(l, arena_printf(l->arena, "environment %s", name.p),
				"%s belongs into section [%s], not [%s]", s->row->name,
				common_table.section, settings_tables[i]->section);
	}
	buf_finish(&name);
}

void load_environment(struct load *l, const char *const *env)
{
	for (struct slot *s = l->slots; s < l->slots + l->count; s++) {
		read_variable(l, s, env);
		if (s->table == &common_table)
			refuse_misplaced(l, s, env);
	}
}

const char *load_env_file(const char *const *env)
{
	return env_value(env, STR("DIALTONE_CONFIG"));
}
