#define _GNU_SOURCE
#include "ctl_priv.h"

#include <ctype.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/field_check.h"
#include "base/mem.h"
#include "base/nfc.h"
#include "base/sip_address.h"
#include "base/text_input.h"
#include "base/utf8.h"

#define SECRET_MAX 1024

struct reading {
	struct ctl *ctl;
	const struct command *command;
	void *input;
	struct field_errors errors;
	bool failed;
};

/* "expires_minutes" is --expires-minutes, and EXPIRES-MINUTES where it has no name of its own. */
static void name_print(FILE *out, const char *name, int (*letter)(int))
{
	for (; *name; name++)
		fputc(*name == '_' ? '-' : letter((unsigned char)*name), out);
}

static void option_usage(const struct field *f, FILE *out)
{
	fputs(" [--", out);
	name_print(out, f->name, tolower);
	if (f->type != FIELD_TYPE_BOOL) {
		fputc(' ', out);
		name_print(out, f->name, toupper);
	}
	fputc(']', out);
}

static void field_usage(const struct field *f, FILE *out)
{
	bool required = f->flags & FIELD_REQUIRED;

	if (f->in == FIELD_IN_QUERY) {
		option_usage(f, out);
	} else if (f->in == FIELD_IN_PATH) {
		fputs(required ? " " : " [", out);
		name_print(out, f->name, toupper);
		if (!required)
			fputc(']', out);
	} else {
		fputs(" < ", out);
		name_print(out, f->name, toupper);
	}
}

void arguments_usage(const struct command *command, FILE *out)
{
	static const enum field_in order[] = { FIELD_IN_PATH, FIELD_IN_QUERY, FIELD_IN_BODY };

	fputs(command->words, out);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		for (const struct field *f = command->fields; f && f->type; f++)
			if (f->in == order[i])
				field_usage(f, out);
}

static void field_help(const struct field *f, FILE *out)
{
	bool option = f->in == FIELD_IN_QUERY;

	fputs(option ? "  --" : "  ", out);
	name_print(out, f->name, option ? tolower : toupper);
	fprintf(out, "%s\n        %s\n",
		f->in == FIELD_IN_BODY ? ", the first line of standard input" : "", f->doc);
}

void arguments_help(const struct command *command, FILE *out)
{
	arguments_usage(command, out);
	fprintf(out, "\n\n%s.\n\n", command->help);
	for (const struct field *f = command->fields; f && f->type; f++)
		field_help(f, out);
	fputs("  --json\n        Print the result as JSON\n", out);
}

void arguments_options(const struct command *command, FILE *out)
{
	for (const struct field *f = command->fields; f && f->type; f++)
		if (f->in == FIELD_IN_QUERY) {
			fputs("--", out);
			name_print(out, f->name, tolower);
			fputc(' ', out);
		}
}

static void mistake(struct reading *r, const char *what, const char *argument)
{
	say(r->ctl, "%s: %s", argument, what);
	r->failed = true;
}

static void text_read(struct reading *r, const struct field *f, const char *value)
{
	if (f->flags & (FIELD_RAW | FIELD_NFC))
		value = nfc_text(r->ctl->arena, str_from(value), NULL).p;
	if (f->flags & FIELD_DOMAIN)
		value = sip_domain(r->ctl->arena, str_from(value));
	if (field_check_text(f, f->name, str_from(value), &r->errors))
		*(const char **)field_member(f, r->input) = value;
}

static void int_read(struct reading *r, const struct field *f, const char *value)
{
	uint64_t v;

	if (!str_to_uint(str_from(value), INT64_MAX, &v))
		field_errors_add(&r->errors, f->name, &text_int);
	else if (field_check_int(f, f->name, (int64_t)v, &r->errors))
		*(int64_t *)field_member(f, r->input) = (int64_t)v;
}

static void value_read(struct reading *r, const struct field *f, const char *value)
{
	if (!utf8_is_valid(value, strlen(value)))
		field_errors_add(&r->errors, f->name, &text_format);
	else if (f->flags & FIELD_REQUIRED && !*value)
		field_errors_add(&r->errors, f->name, &text_required);
	else if (f->type == FIELD_TYPE_INT)
		int_read(r, f, value);
	else
		text_read(r, f, value);
}

static bool is_option_name(const struct field *f, struct str name)
{
	if (f->in != FIELD_IN_QUERY || strlen(f->name) != name.n)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] != (f->name[i] == '_' ? '-' : f->name[i]))
			return false;
	return true;
}

static const struct field *option_find(const struct command *command, struct str name)
{
	for (const struct field *f = command->fields; f && f->type; f++)
		if (is_option_name(f, name))
			return f;
	return NULL;
}

/* argv[at] begins with "--". Returns the place of the next argument. */
static int option_read(struct reading *r, int argc, const char *const *argv, int at)
{
	struct str value = str_from(argv[at] + 2), name = str_split(&value, '=');
	const struct field *f = option_find(r->command, name);

	if (str_is(name, "json") && !value.p)
		r->ctl->json = true;
	else if (!f)
		mistake(r, "there is no such option here", argv[at]);
	else if (f->type == FIELD_TYPE_BOOL && value.p)
		mistake(r, "takes no value", argv[at]);
	else if (f->type == FIELD_TYPE_BOOL)
		*(bool *)field_member(f, r->input) = true;
	else if (value.p)
		value_read(r, f, value.p);
	else if (at + 1 < argc)
		value_read(r, f, argv[++at]);
	else
		mistake(r, "a value is missing", argv[at]);
	return at + 1;
}

static const struct field *next_positional(const struct field *f)
{
	while (f && f->type && f->in != FIELD_IN_PATH)
		f++;
	return f && f->type ? f : NULL;
}

static void all_read(struct reading *r, int argc, const char *const *argv)
{
	const struct field *f = next_positional(r->command->fields);

	for (int at = 0; at < argc;) {
		if (strncmp(argv[at], "--", 2) == 0) {
			at = option_read(r, argc, argv, at);
			continue;
		}
		if (f)
			value_read(r, f, argv[at]);
		else
			mistake(r, "one argument too many", argv[at]);
		f = f ? next_positional(f + 1) : NULL;
		at++;
	}
	for (; f; f = next_positional(f + 1))
		if (f->flags & FIELD_REQUIRED)
			field_errors_add(&r->errors, f->name, &text_required);
}

/* Without echo when a person types it. */
static void line_read(struct reading *r, const struct field *f, char *line, size_t size)
{
	int fd = fileno(r->ctl->in);
	bool typed = isatty(fd);
	struct termios before, silent;

	if (typed && tcgetattr(fd, &before) == 0) {
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		fprintf(r->ctl->err, "%s: ", f->name);
		tcsetattr(fd, TCSAFLUSH, &silent);
	}
	text_input_line(r->ctl->in, line, size);
	if (typed) {
		tcsetattr(fd, TCSAFLUSH, &before);
		fputc('\n', r->ctl->err);
	}
}

static void secret_read(struct reading *r, const struct field *f)
{
	char line[SECRET_MAX + 6];

	line_read(r, f, line, sizeof(line));
	if (line[0])
		value_read(r, f, arena_strdup(r->ctl->arena, line));
	else
		field_errors_add(&r->errors, f->name, &text_required);
	mem_wipe(line, sizeof(line));
}

bool arguments_read(struct ctl *c, const struct command *command, int argc, const char *const *argv,
	void *input)
{
	struct reading r = { .ctl = c, .command = command, .input = input };

	field_errors_init(&r.errors, c->arena);
	all_read(&r, argc, argv);
	for (const struct field *f = command->fields; f && f->type && !r.failed; f++)
		if (f->in == FIELD_IN_BODY && r.errors.count == 0)
			secret_read(&r, f);
	if (r.errors.count)
		refuse_fields(c, &r.errors);
	return !r.failed && r.errors.count == 0;
}
