/* Prints docs/settings.md, the reference of all settings; run by the build, not installed. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "conf_priv.h"

#define TEXT_MAX 8192

static const struct {
	const char *ending, *unit;
} units[] = { { "_ms", "milliseconds" }, { "_s", "seconds" }, { "_minutes", "minutes" },
	{ "_days", "days" }, { "_mib", "MiB" }, { "max_payload", "bytes" } };

static const char *unit_of(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		const size_t all = strlen(name), n = strlen(units[i].ending);
		if (all >= n && strcmp(name + all - n, units[i].ending) == 0)
			return units[i].unit;
	}
	return "";
}

/* Text in a cell of a table; in code a < is no tag. */
static void print_cell(const char *text, bool code)
{
	for (; *text; text++) {
		if (*text == '|')
			printf("\\|");
		else if (*text == '<' && !code)
			printf("&lt;");
		else
			putchar(*text);
	}
}

static void print_default(const char *def)
{
	if (!def || !*def) {
		printf("empty");
		return;
	}
	putchar('`');
	print_cell(def, true);
	putchar('`');
}

static void print_setting(const struct setting *row)
{
	const char *const unit = unit_of(row->name);
	struct buf rule;

	buf_init(&rule, TEXT_MAX);
	setting_write_rule(row, &rule);
	printf("| `%s` | ", row->name);
	print_cell(row->help, false);
	printf(" | ");
	print_default(row->def);
	printf("%s%s | ", *unit ? " " : "", unit);
	print_cell(rule.p, false);
	printf(" | %s%s |\n", row->flags & SETTING_RELOADABLE ? "reload" : "restart",
		row->flags & SETTING_SECRET ? "; secret" : "");
	buf_finish(&rule);
}

int main(void)
{
	printf("# Every setting\n\n"
	       "What each setting of each program is for, its default, what it may be, and whether "
	       "a "
	       "reload (`systemctl reload`,\nSIGHUP) is enough to change it or a restart is "
	       "needed. "
	       "How settings are given and checked is in\n[configuration.md](configuration.md). "
	       "This page is printed from the rows that the programs read their settings with.\n");
	for (size_t i = 0; settings_tables[i]; i++) {
		printf("\n## [%s]\n\n%s\n\n| setting | what it is for | default | it has to be | "
		       "changed by |\n|---|---|---|---|---|\n",
			settings_tables[i]->section, settings_tables[i]->help);
		SETTING_FOR_EACH(row, settings_tables[i])
		print_setting(row);
	}
	return 0;
}
