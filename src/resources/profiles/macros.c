#include "macros.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_slice.h"
#include "base/json_writer.h"

#define NAME_MAX     64
#define GROWTH_MAX   8 /* times: a name stands twice in the result, perhaps escaped */
#define EMPTY_OBJECT STR("{}")

static const char *text_of(struct str string, struct arena *arena)
{
	char *text = arena_alloc(arena, string.n);
	size_t n;

	return json_slice_text(string, text, string.n, &n) ? text : NULL;
}

/* A string with its quotes. */
static bool has_name(struct str permission, struct str *ret)
{
	return json_slice_kind(permission) == JSON_OBJECT &&
	       json_slice_member(permission, "name", ret) && json_slice_kind(*ret) == JSON_STRING;
}

static bool all_have_names(struct str list)
{
	struct str permission, name;

	while (json_slice_next(&list, NULL, &permission))
		if (!has_name(permission, &name))
			return false;
	return true;
}

static void write_raw(struct json_writer *w, struct str value, struct arena *arena)
{
	json_raw(w, arena_strndup(arena, value.p, value.n));
}

static void write_key(struct json_writer *w, struct str key, struct arena *arena)
{
	const char *name = text_of(key, arena);

	json_key(w, name ? name : "");
}

static bool comes_again(struct str rest, struct str name)
{
	struct str permission, other;

	while (json_slice_next(&rest, NULL, &permission))
		if (has_name(permission, &other) && str_eq(other, name))
			return true;
	return false;
}

/* Of those with the same name the last one counts. */
static void write_by_name(struct json_writer *w, struct str list, struct arena *arena)
{
	struct str permission, name;

	json_object_begin(w);
	while (json_slice_next(&list, NULL, &permission)) {
		if (!has_name(permission, &name) || comes_again(list, name))
			continue;
		write_key(w, name, arena);
		write_raw(w, permission, arena);
	}
	json_object_end(w);
}

static void write_macro(struct json_writer *w, struct str macro, struct arena *arena)
{
	struct str permissions, key, value;

	if (!json_slice_member(macro, "permissions", &permissions) ||
		json_slice_kind(permissions) != JSON_ARRAY || !all_have_names(permissions)) {
		write_raw(w, macro, arena);
		return;
	}
	json_object_begin(w);
	while (json_slice_next(&macro, &key, &value)) {
		write_key(w, key, arena);
		if (value.p == permissions.p)
			write_by_name(w, value, arena);
		else
			write_raw(w, value, arena);
	}
	json_object_end(w);
}

const char *macros_keyed(const char *json, struct arena *arena)
{
	struct str rest = str_from(json), key, macro;
	struct json_writer w;
	struct buf out;
	const char *keyed;

	if (json_slice_kind(rest) != JSON_OBJECT)
		return json;
	buf_init(&out, GROWTH_MAX * rest.n + GROWTH_MAX);
	json_writer_init(&w, &out);
	json_object_begin(&w);
	while (json_slice_next(&rest, &key, &macro)) {
		write_key(&w, key, arena);
		write_macro(&w, macro, arena);
	}
	json_object_end(&w);
	keyed = arena_strndup(arena, out.p, out.n);
	buf_finish(&out);
	return keyed;
}

static bool name_is_valid(struct str key)
{
	char name[NAME_MAX + 1];
	size_t n;

	if (!json_slice_text(key, name, sizeof(name), &n) || n == 0)
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
	       n;
}

/* {"value": true or false, ...} */
static bool is_switch(struct str entry)
{
	struct str value;
	enum json_kind kind;

	if (!json_slice_member(entry, "value", &value))
		return false;
	kind = json_slice_kind(value);
	return kind == JSON_TRUE || kind == JSON_FALSE;
}

static bool is_on(struct str entry)
{
	struct str value;

	return json_slice_member(entry, "value", &value) && json_slice_kind(value) == JSON_TRUE;
}

static bool are_switches(struct str object)
{
	struct str key, entry;

	if (json_slice_kind(object) != JSON_OBJECT)
		return false;
	while (json_slice_next(&object, &key, &entry))
		if (!name_is_valid(key) || !is_switch(entry))
			return false;
	return true;
}

static struct str permissions_of(struct str macro)
{
	struct str permissions;

	return json_slice_member(macro, "permissions", &permissions) ? permissions : EMPTY_OBJECT;
}

bool macros_are_valid(const char *json)
{
	struct str rest = str_from(json), macro;

	if (!are_switches(rest))
		return false;
	while (json_slice_next(&rest, NULL, &macro))
		if (!are_switches(permissions_of(macro)))
			return false;
	return true;
}

struct grants {
	struct arena *arena;
	const char **names; /* NULL: they are only counted */
	size_t n;
};

static void grant(struct grants *g, struct str macro, struct str permission)
{
	const char *name = text_of(macro, g->arena);

	if (permission.n)
		name = arena_printf(g->arena, "%s.%s", name, text_of(permission, g->arena));
	if (g->names)
		g->names[g->n] = name;
	g->n++;
}

static void grant_all(struct grants *g, struct str macros)
{
	struct str macro, macro_key, permission, key;

	while (json_slice_next(&macros, &macro_key, &macro)) {
		struct str permissions = permissions_of(macro);

		if (!is_on(macro))
			continue;
		grant(g, macro_key, STR(""));
		while (json_slice_next(&permissions, &key, &permission))
			if (is_on(permission))
				grant(g, macro_key, key);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct capability_list macros_capabilities(const char *json, struct arena *arena)
{
	struct grants counted = { .arena = arena }, g = { .arena = arena };

	grant_all(&counted, str_from(json));
	g.names = arena_alloc(arena, counted.n * sizeof(*g.names));
	grant_all(&g, str_from(json));
	qsort(g.names, g.n, sizeof(*g.names), by_name);
	return (struct capability_list){ g.names, g.n };
}
