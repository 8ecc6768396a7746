#include <string.h>

#include "conf_priv.h"

#define OPTION_NAME_MAX 64

/* Options that end a run early. */
static const struct {
	const char *name;
	enum conf_action action;
} actions[] = {
	{ "check_config", CONF_CHECK },
	{ "print_config", CONF_PRINT },
	{ "help", CONF_HELP },
	{ "version", CONF_VERSION },
};

/* "--log-level=debug" → "log_level", and where its value begins, NULL when there is no "=". */
static struct str split_option(struct load *l, const char *arg, const char **ret_value)
{
	struct str value = str_from(arg + 2), head = str_split(&value, '=');
	char *name = arena_strndup(l->arena, head.p, head.n);

	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	*ret_value = value.p;
	return str_from(name);
}

static bool take_action(struct load *l, struct str name)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (str_is(name, actions[i].name)) {
			l->action = actions[i].action;
			return true;
		}
	return false;
}

/* Where the option's value is to be kept, or NULL after noting the mistake. */
static const char **value_place(struct load *l, struct str name, const char *arg)
{
	struct slot *s = load_find(l, NULL, name);

	if (str_is(name, "config"))
		return &l->file;
	if (!s)
		load_mistake(l, arg, "there is no such option");
	else
		return &s->argument;
	return NULL;
}

static int read_option(struct load *l, const struct conf_input *in, int at)
{
	const char *value, **place;
	struct str name = split_option(l, in->argv[at], &value);

	if (name.n > OPTION_NAME_MAX) {
		load_mistake(l, "command line", "there is no option that long");
		return at + 1;
	}
	if (!value && take_action(l, name))
		return at + 1;
	place = value_place(l, name, arena_printf(l->arena, "--%s", name.p));
	if (!value && place) {
		value = ++at < in->argc ? in->argv[at] : NULL;
		if (!value)
			load_mistake(l, in->argv[at - 1], "a value is missing");
	}
	if (place && value)
		*place = value;
	return at + 1;
}

void load_options(struct load *l, const struct conf_input *in, bool may_follow)
{
	int at = 1;

	while (at < in->argc && strncmp(in->argv[at], "--", 2) == 0 && in->argv[at][2])
		at = read_option(l, in, at);
	if (at < in->argc && strcmp(in->argv[at], "--") == 0)
		at++;
	if (at < in->argc && !may_follow)
		load_mistake(l, in->argv[at], "this program takes options only");
	l->rest = at;
}

static void assign_argument(struct load *l, struct slot *s, const char *where)
{
	if (s->row->flags & SETTING_SECRET)
		load_mistake(l, where,
			"a secret is not taken from the command line, where other users can read "
			"it");
	else
		load_assign(l, s, str_from(s->argument), where);
}

void load_arguments(struct load *l)
{
	for (struct slot *s = l->slots; s < l->slots + l->count; s++)
		if (s->argument)
			assign_argument(l, s, arena_printf(l->arena, "--%s", s->row->name));
}
