#include <string.h>

#include "conf_priv.h"

#define TEXT_MAX 8192

static const char *or_empty(const struct buf *b)
{
	return b->p ? b->p : "";
}

/* Quoted where the file's reader would otherwise see something else. */
static void write_quoted(const char *text, struct buf *out)
{
	size_t n = strlen(text);
	bool bare =
		!strchr(text, '#') && !strchr("\"'", text[0]) && str_trim(str_from(text)).n == n;

	if (bare || n == 0) {
		buf_add_str(out, text);
		return;
	}
	buf_add_char(out, '"');
	for (; *text; text++)
		buf_printf(out, strchr("\"\\", *text) ? "\\%c" : "%c", *text);
	buf_add_char(out, '"');
}

static void write_value(const struct slot *s, struct buf *out)
{
	struct buf text;

	if (s->row->flags & SETTING_SECRET) {
		buf_add_str(out, "********");
		return;
	}
	buf_init(&text, TEXT_MAX);
	setting_write(s->row, s->object, &text);
	write_quoted(or_empty(&text), out);
	buf_finish(&text);
}

void print_values(const struct load *l, FILE *out)
{
	const struct settings_table *section = NULL;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	for (const struct slot *s = l->slots; s < l->slots + l->count; s++) {
		if (s->table != section)
			fprintf(out, "%s[%s]\n", section ? "\n" : "", s->table->section);
		section = s->table;
		buf_clear(&text);
		write_value(s, &text);
		fprintf(out, "%s = %s  # %s\n", s->row->name, or_empty(&text), s->where);
	}
	buf_finish(&text);
}

static void print_option(const char *option, const char *help, FILE *out)
{
	fprintf(out, "  --%s\n        %s\n", option, help);
}

static void print_setting_help(const struct slot *s, FILE *out)
{
	struct buf rule;

	if (s->row->flags & SETTING_SECRET)
		return;
	buf_init(&rule, TEXT_MAX);
	setting_write_rule(s->row, &rule);
	fprintf(out, "  --%s VALUE\n        %s: %s. Default: %s\n", s->row->name, s->row->help,
		rule.p, s->row->def ? s->row->def : "empty");
	buf_finish(&rule);
}

void print_help(const struct conf_program *program, const struct load *l, FILE *out)
{
	fprintf(out, "%s: %s\n\nUsage: %s [OPTIONS] %s\n\n", program->name, program->summary,
		program->name, program->arguments ? program->arguments : "");
	if (program->help)
		program->help(out);
	print_option("config FILE",
		"Configuration file. Default: DIALTONE_CONFIG, else " CONF_DEFAULT_FILE, out);
	print_option("check-config", "Say whether the configuration is in order, and exit", out);
	print_option("print-config", "Print every setting and where it came from, and exit", out);
	print_option("help", "Print this, and exit", out);
	print_option("version", "Print the version, and exit", out);
	fprintf(out, "\nSettings, dashes and underscores being the same:\n");
	for (const struct slot *s = l->slots; s < l->slots + l->count; s++)
		print_setting_help(s, out);
}

static void example_setting(const struct setting *row, FILE *out)
{
	struct buf rule, def;

	buf_init(&rule, TEXT_MAX);
	buf_init(&def, TEXT_MAX);
	setting_write_rule(row, &rule);
	write_quoted(row->def ? row->def : "", &def);
	fprintf(out, "\n# %s.\n# Must be %s.%s%s\n#%s =%s%s\n", row->help, rule.p,
		row->flags & SETTING_RELOADABLE ? " Reloadable." : "",
		row->flags & SETTING_SECRET ? " Secret." : "", row->name, def.n ? " " : "",
		or_empty(&def));
	buf_finish(&rule);
	buf_finish(&def);
}

void conf_example(FILE *out)
{
	fprintf(out,
		"# Configuration of all Dialtone programs, with the defaults.\n"
		"#\n"
		"# Each setting may also come from the environment (DIALTONE_NAME, and with the\n"
		"# section DIALTONE_API_NAME) or, unless it is secret, from the command line\n"
		"# (--name value), which wins. Reloadable ones follow a SIGHUP, the others need\n"
		"# a restart. Values may stand in quotes. Check with: dialtonectl config check\n");
	for (size_t i = 0; settings_tables[i]; i++) {
		fprintf(out, "\n# %s\n[%s]\n", settings_tables[i]->help,
			settings_tables[i]->section);
		SETTING_FOR_EACH(row, settings_tables[i])
		example_setting(row, out);
	}
}
