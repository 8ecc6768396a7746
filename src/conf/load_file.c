#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/text_input.h"
#include "conf_priv.h"

#define FILE_MAX_BYTES 262144

/* A reading of the file: the place, and the section it is in. */
struct reading {
	struct load *load;
	const char *path;
	int line;
	const struct settings_table *section; /* NULL: an unknown one, passed over */
};

static const char *here(const struct reading *r)
{
	return arena_printf(r->load->arena, "%s:%d", r->path, r->line);
}

static const struct settings_table *table_named(struct str section)
{
	for (size_t i = 0; settings_tables[i]; i++)
		if (str_is(section, settings_tables[i]->section))
			return settings_tables[i];
	return NULL;
}

static const struct settings_table *table_with(struct str setting)
{
	for (size_t i = 0; settings_tables[i]; i++)
		SETTING_FOR_EACH(row, settings_tables[i])
	if (str_is(setting, row->name))
		return settings_tables[i];
	return NULL;
}

/* Cuts the comment: a # at the beginning or after white space. */
static struct str without_comment(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '#' && (i == 0 || s.p[i - 1] == ' ' || s.p[i - 1] == '\t'))
			s.n = i;
	return str_trim(s);
}

/* Reads a value in quotes. False when the quote is not closed, or something follows it. */
static bool unquote(struct str s, struct arena *arena, struct str *ret)
{
	char *out = arena_alloc(arena, s.n), quote = s.p[0];
	size_t n = 0, i = 1;

	for (; i < s.n && s.p[i] != quote; i++) {
		bool escaped = quote == '"' && s.p[i] == '\\' && i + 1 < s.n &&
			       (s.p[i + 1] == '"' || s.p[i + 1] == '\\');

		if (escaped)
			i++;
		out[n++] = s.p[i];
	}
	if (i >= s.n)
		return false;
	*ret = (struct str){ out, n };
	return without_comment((struct str){ s.p + i + 1, s.n - i - 1 }).n == 0;
}

static void read_section(struct reading *r, struct str line)
{
	struct str s = without_comment(line);

	if (s.p[s.n - 1] != ']') {
		load_mistake(r->load, here(r), "a section is written [name]");
		r->section = NULL;
		return;
	}
	s = str_trim((struct str){ s.p + 1, s.n - 2 });
	r->section = table_named(s);
	if (!r->section)
		load_mistake(r->load, here(r), "there is no section [%.*s]", (int)s.n, s.p);
}

static void unknown_setting(struct reading *r, struct str name)
{
	const struct settings_table *other = table_with(name);

	if (other)
		load_mistake(r->load, here(r), "%.*s belongs into section [%s], not [%s]",
			(int)name.n, name.p, other->section, r->section->section);
	else
		load_mistake(r->load, here(r), "there is no setting \"%.*s\" in section [%s]",
			(int)name.n, name.p, r->section->section);
}

/* cut: a comment stood behind the value. */
static void assign(struct reading *r, struct str name, struct str text, bool cut)
{
	struct slot *s = load_find(r->load, r->section, name);

	if (!s) {
		unknown_setting(r, name);
	} else if (s->line) {
		load_mistake(
			r->load, here(r), "%s is already set in line %d", s->row->name, s->line);
	} else if (cut && s->row->flags & SETTING_SECRET) {
		load_mistake(r->load, here(r),
			"a # ends the value of %s: put the value in quotes if it belongs to it, a "
			"comment on a line of its own if not",
			s->row->name);
	} else {
		s->line = r->line;
		load_assign(r->load, s, text, here(r));
	}
}

static void read_setting(struct reading *r, struct str line)
{
	struct str text = line, name = str_trim(str_split(&text, '='));
	bool cut = false;

	if (!text.p || name.n == 0) {
		load_mistake(r->load, here(r), "a setting is written name = value");
		return;
	}
	text = str_trim(text);
	if (text.n && (text.p[0] == '"' || text.p[0] == '\'')) {
		if (!unquote(text, r->load->arena, &text)) {
			load_mistake(r->load, here(r), "the quotes of %.*s are not in order",
				(int)name.n, name.p);
			return;
		}
	} else {
		size_t whole = text.n;

		text = without_comment(text);
		cut = text.n < whole;
	}
	assign(r, name, text, cut);
}

static bool is_read(const struct reading *r)
{
	return r->section && load_object(r->load, r->section);
}

static void read_line(struct reading *r, struct str line)
{
	line = str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return;
	if (line.p[0] == '[')
		read_section(r, line);
	else if (is_read(r))
		read_setting(r, line);
}

/* False with errno set, EFBIG when it is larger than any configuration should be. */
static bool read_whole(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;
	bool ok;

	if (fd < 0)
		return false;
	ok = text_input_read(fd, out);
	error = errno;
	close(fd);
	errno = error;
	return ok;
}

void load_file(struct load *l, const char *path, bool must_exist)
{
	struct reading r = { .load = l, .path = path, .section = &common_table };
	struct buf text;

	buf_init(&text, FILE_MAX_BYTES);
	if (read_whole(path, &text)) {
		struct str rest = buf_str(&text);

		while (rest.n) {
			r.line++;
			read_line(&r, str_split(&rest, '\n'));
		}
	} else if (must_exist || errno != ENOENT) {
		load_mistake(l, path, "%s", strerror(errno));
	}
	buf_wipe(&text);
	buf_finish(&text);
}
