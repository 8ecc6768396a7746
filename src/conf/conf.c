#define _GNU_SOURCE
#include "conf/conf.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "conf_priv.h"

#define SHOWN_MAX 512

#define TABLES_MAX 8

struct conf {
	const struct conf_program *program;
	struct conf_input input;
	struct load now; /* the reading whose values are in force */
};

static void read_all(struct conf *c, struct load *l)
{
	const struct conf_program *p = c->program;
	const struct settings_table *tables[TABLES_MAX + 1] = { &common_table };
	size_t n = 1;

	for (size_t i = 0; p->also && p->also[i] && n < TABLES_MAX - 2; i++)
		tables[n++] = p->also[i];
	if (p->own)
		tables[n++] = p->own;
	tables[n] = p->behind;

	load_init(l, tables);
	load_options(l, &c->input, c->program->arguments != NULL);
	if (l->action == CONF_HELP || l->action == CONF_VERSION)
		return;
	if (!l->file)
		l->file = load_env_file(c->input.env);
	load_file(l, l->file ? l->file : CONF_DEFAULT_FILE, l->file != NULL);
	load_environment(l, c->input.env);
	load_arguments(l);
}

static void report(const struct load *l, const char *subject, FILE *err)
{
	const char *mark = log_mistake_mark(fileno(err));
	struct str rest = buf_str(&l->mistakes);

	fprintf(err, "%s%s: %u mistake%s in the configuration\n", mark, subject, l->mistake_count,
		l->mistake_count == 1 ? "" : "s");
	while (rest.n) {
		struct str line = str_split(&rest, '\n');

		fprintf(err, "%s%.*s\n", mark, (int)line.n, line.p);
	}
}

/* Does what the command line asks for instead of running. True when the program may run. */
static bool act(const struct conf *c)
{
	FILE *out = c->input.out;

	switch (c->now.action) {
	case CONF_HELP:
		print_help(c->program, &c->now, out);
		return false;
	case CONF_VERSION:
		fprintf(out, "%s %s\n", c->program->name, c->program->version);
		return false;
	case CONF_CHECK:
		fprintf(out, "configuration ok\n");
		return false;
	case CONF_PRINT:
		print_values(&c->now, out);
		return false;
	case CONF_RUN:
		break;
	}
	return true;
}

struct conf_input conf_input_of_process(int argc, char **argv)
{
	return (struct conf_input){ .argc = argc,
		.argv = (const char *const *)argv,
		.env = (const char *const *)environ,
		.out = stdout,
		.err = stderr };
}

struct conf *conf_new(
	const struct conf_program *program, const struct conf_input *input, int *ret_status)
{
	struct conf *c = mem_alloc(sizeof(*c));

	c->program = program;
	c->input = *input;
	read_all(c, &c->now);
	*ret_status = c->now.mistake_count ? CONF_EXIT_MISTAKE : EXIT_SUCCESS;
	if (c->now.mistake_count)
		report(&c->now, program->name, input->err);
	else if (act(c))
		return c;
	conf_free(&c);
	return NULL;
}

void conf_free(struct conf **c)
{
	if (!*c)
		return;
	load_finish(&(*c)->now);
	free(*c);
	*c = NULL;
}

const struct common_settings *conf_common(const struct conf *c)
{
	return load_object(&c->now, &common_table);
}

const void *conf_own(const struct conf *c)
{
	return load_object(&c->now, c->program->own);
}

const void *conf_also(const struct conf *c, const struct settings_table *table)
{
	return load_object(&c->now, table);
}

const char *conf_file(const struct conf *c)
{
	return c->now.file ? c->now.file : CONF_DEFAULT_FILE;
}

int conf_rest(const struct conf *c)
{
	return c->now.rest;
}

static void log_mistakes(const struct load *l)
{
	struct str rest = buf_str(&l->mistakes);

	while (rest.n) {
		struct str line = str_split(&rest, '\n');

		log_error("configuration not changed: %.*s", (int)line.n, line.p);
	}
}

static void change(struct conf *c, struct slot *s, const struct slot *fresh)
{
	struct buf shown;

	if (!(s->row->flags & SETTING_RELOADABLE)) {
		log_warn("setting %s was changed: restart the program to use it", s->row->name);
		return;
	}
	setting_copy(s->row, c->now.arena, s->object, fresh->object);
	buf_init(&shown, SHOWN_MAX);
	setting_write(s->row, s->object, &shown);
	if (s->row->flags & SETTING_SECRET)
		log_info("setting %s was changed", s->row->name);
	else
		log_info("setting %s is now \"%s\"", s->row->name, shown.p ? shown.p : "");
	buf_finish(&shown);
}

enum err conf_reload(struct conf *c)
{
	struct load fresh;
	enum err e = ERR_OK;

	read_all(c, &fresh);
	if (fresh.mistake_count) {
		log_mistakes(&fresh);
		e = ERR_INVALID;
	} else {
		for (size_t i = 0; i < fresh.count; i++) {
			struct slot *s = &c->now.slots[i];

			if (!setting_is_equal(s->row, s->object, fresh.slots[i].object))
				change(c, s, &fresh.slots[i]);
		}
	}
	load_finish(&fresh);
	return e;
}

static void files_name(struct load *l, struct conf_files *files)
{
	const struct common_settings *common = load_object(l, &common_table);
	const struct jobs_settings *jobs = load_object(l, &jobs_table);

	snprintf(files->keys, sizeof(files->keys), "%s", common->keys_file);
	snprintf(files->mail_templates, sizeof(files->mail_templates), "%s",
		jobs->delivery.mail.mail_templates);
}

enum err conf_check_file(
	const char *path, const char *const *env, FILE *err, struct conf_files *files)
{
	const char *file = path ? path : env ? load_env_file(env) : NULL;
	struct load l;
	enum err e;

	load_init(&l, settings_tables);
	load_file(&l, file ? file : CONF_DEFAULT_FILE, file != NULL);
	if (env)
		load_environment(&l, env);
	if (files)
		files_name(&l, files);
	e = l.mistake_count ? ERR_INVALID : ERR_OK;
	if (e)
		report(&l, file ? file : CONF_DEFAULT_FILE, err);
	load_finish(&l);
	return e;
}
