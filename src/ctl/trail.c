/* What the audit trail says of a command (service/audit.h), from its row and its arguments. */
#include "trail.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl_priv.h"
#include "service/audit.h"

/* Who stands behind root, where sudo says so. */
static const char *unix_user(struct arena *arena)
{
	const char *behind = getenv("SUDO_USER");
	const struct passwd *user = getpwuid(getuid());

	if (behind && *behind)
		return behind;
	return user ? user->pw_name : arena_printf(arena, "%ld", (long)getuid());
}

static const struct field *argument(const struct command *k, const char *name)
{
	for (const struct field *f = k->fields; f && f->type; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

static const char *text_of(const struct command *k, const char *name, const void *input)
{
	const struct field *f = argument(k, name);

	return f && f->type == FIELD_TYPE_TEXT ? *(const char *const *)field_value(f, input) : NULL;
}

/* "api_key" of "api-key delete". */
static const char *kind_of(struct arena *arena, const char *words)
{
	char *kind = arena_strndup(arena, words, strcspn(words, " "));

	for (char *c = kind; *c; c++)
		if (*c == '-')
			*c = '_';
	return kind;
}

static void fill_object(struct ctl *c, struct audit_entry *ret)
{
	const struct command *k = c->command;
	const char *user = text_of(k, "username", c->input);
	const char *domain = text_of(k, "domain", c->input);
	const struct field *id = argument(k, "id");

	ret->domain = domain ? domain : "";
	if (user && domain)
		ret->object = arena_printf(c->arena, "account:%s@%s", user, domain);
	else if (domain)
		ret->object = arena_printf(c->arena, "space:%s", domain);
	else if (id)
		ret->object = arena_printf(c->arena, "%s:%" PRId64, kind_of(c->arena, k->words),
			*(const int64_t *)field_value(id, c->input));
}

/* What names the object, or is no field of it. */
static bool is_no_field(const struct field *f)
{
	static const char *const names[] = { "username", "domain", "id", "yes", "setting", "value",
		NULL };

	for (size_t i = 0; names[i]; i++)
		if (strcmp(f->name, names[i]) == 0)
			return true;
	return false;
}

static bool is_given(const struct field *f, const void *input)
{
	const void *member = field_value(f, input);

	return f->type == FIELD_TYPE_TEXT  ? *(const char *const *)member != NULL
	       : f->type == FIELD_TYPE_INT ? *(const int64_t *)member != 0
					   : f->type == FIELD_TYPE_BOOL && *(const bool *)member;
}

static void fill_fields(struct ctl *c, struct audit_entry *ret)
{
	const struct command *k = c->command;
	const char *setting = text_of(k, "setting", c->input);
	size_t n = 1;

	for (const struct field *f = k->fields; f && f->type; f++)
		n++;
	const char **names = arena_alloc(c->arena, n * sizeof(*names));

	ret->fields = names;
	if (setting)
		names[ret->fields_n++] = setting;
	for (const struct field *f = k->fields; f && f->type; f++)
		if (!is_no_field(f) && is_given(f, c->input))
			names[ret->fields_n++] = f->name;
}

static void fill(void *ctl, struct audit_entry *ret)
{
	struct ctl *c = ctl;

	ret->actor = unix_user(c->arena);
	ret->door = "command_line";
	ret->action = c->command->words;
	fill_object(c, ret);
	fill_fields(c, ret);
}

void trail_begin(struct ctl *c, const struct command *k, const void *input)
{
	c->command = k;
	c->input = input;
	c->service.trail = k->needs & CHANGES ? fill : NULL;
	c->service.trail_ctx = c;
}
