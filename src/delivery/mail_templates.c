#define _GNU_SOURCE
#include "mail_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text_input.h"
#include "base/utf8.h"

#define FILE_MAX      65536
#define MISTAKE_MAX   600
#define TEMPLATES_MAX 64
#define SUBJECT       "Subject:"

struct mail_templates {
	struct arena *arena;
	size_t n;
	struct mail_template items[TEMPLATES_MAX];
};

struct loading {
	const char *dir;
	void (*tell)(void *arg, const char *mistake);
	void *arg;
	struct mail_templates *templates;
	bool failed;
};

__attribute__((format(printf, 3, 4))) static void mistake(
	struct loading *l, const char *name, const char *fmt, ...)
{
	char text[MISTAKE_MAX];
	int n = snprintf(text, sizeof(text), "%s/%s: ", l->dir, name);
	va_list ap;

	va_start(ap, fmt);
	if (n >= 0 && (size_t)n < sizeof(text))
		vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
	va_end(ap);
	l->tell(l->arg, text);
	l->failed = true;
}

/* "email_change_code.fr.txt"; false: it is none of ours. */
static bool name_read(
	struct str name, size_t *ret_kind, enum language *ret_language, bool *ret_html)
{
	struct str kind = str_split(&name, '.'), language = str_split(&name, '.');

	*ret_html = str_is(name, "html");
	*ret_language = language_find(language);
	if ((!*ret_html && !str_is(name, "txt")) || *ret_language == LANGUAGE_COUNT ||
		!str_is(language, language_tags[*ret_language]))
		return false;
	for (*ret_kind = 0; *ret_kind < mail_kinds_count; (*ret_kind)++)
		if (str_is(kind, mail_kinds[*ret_kind].name))
			return true;
	return false;
}

static const char *file_read(struct loading *l, const char *name)
{
	char path[PATH_MAX];
	const char *text = NULL;
	struct buf in;
	int fd = -1;

	if (snprintf(path, sizeof(path), "%s/%s", l->dir, name) < (int)sizeof(path))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	buf_init(&in, FILE_MAX);
	if (fd < 0 || !text_input_read(fd, &in))
		mistake(l, name, "%s", strerror(errno));
	else if (!utf8_is_valid(in.p ? in.p : "", in.n) || memchr(in.p ? in.p : "", '\0', in.n))
		mistake(l, name, "it is no UTF-8 text");
	else
		text = arena_strndup(l->templates->arena, in.p ? in.p : "", in.n);
	buf_finish(&in);
	if (fd >= 0)
		close(fd);
	return text;
}

static void gaps_check(struct loading *l, const char *name, size_t kind, const char *text)
{
	struct str rest = str_from(text), plain, gap;

	while (mail_gap_next(&rest, &plain, &gap))
		if (!str_list_has(mail_kinds[kind].facts, gap))
			mistake(l, name, "there is no {%.*s} in this mail", (int)gap.n, gap.p);
}

/* The subject, in the first line, and the text behind the empty one. */
static void subject_cut(struct loading *l, const char *name, struct mail_template *t)
{
	struct str rest = str_from(t->text);
	struct str line = str_trim(str_split(&rest, '\n'));

	if (!str_cut_prefix(&line, SUBJECT) || str_trim(line).n == 0) {
		mistake(l, name, "its first line is not \"" SUBJECT "\" and a subject");
		return;
	}
	line = str_trim(line);
	t->subject = arena_strndup(l->templates->arena, line.p, line.n);
	while (rest.n && (*rest.p == '\n' || *rest.p == '\r')) {
		rest.p++;
		rest.n--;
	}
	t->text = rest.n ? arena_strndup(l->templates->arena, rest.p, rest.n) : "";
	if (!rest.n)
		mistake(l, name, "it has no text");
}

static struct mail_template *template_of(
	struct mail_templates *t, size_t kind, enum language language)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->items[i].kind == kind && t->items[i].language == language)
			return &t->items[i];
	t->items[t->n] = (struct mail_template){ kind, language, NULL, NULL, NULL };
	return &t->items[t->n++];
}

static void file_take(struct loading *l, const char *name)
{
	enum language language;
	size_t kind;
	bool html;
	const char *text;

	if (*name == '.')
		return;
	if (!name_read(str_from(name), &kind, &language, &html)) {
		mistake(l, name, "no mail has this name, such as reset_password.fr.txt");
		return;
	}
	text = file_read(l, name);
	if (!text)
		return;
	gaps_check(l, name, kind, text);
	struct mail_template *t = template_of(l->templates, kind, language);

	if (html) {
		t->html = text;
		return;
	}
	t->text = text;
	subject_cut(l, name, t);
}

static void pairs_check(struct loading *l)
{
	char name[NAME_MAX + 1];

	for (size_t i = 0; i < l->templates->n; i++) {
		const struct mail_template *t = &l->templates->items[i];

		snprintf(name, sizeof(name), "%s.%s.html", mail_kinds[t->kind].name,
			language_tags[t->language]);
		if (!t->text)
			mistake(l, name, "there is no .txt beside it, with the subject");
	}
}

static enum err dir_read(struct loading *l)
{
	DIR *dir = opendir(l->dir);
	struct dirent *entry;

	if (!dir) {
		mistake(l, "", "%s", strerror(errno));
		return ERR_UNAVAILABLE;
	}
	while ((entry = readdir(dir)))
		file_take(l, entry->d_name);
	closedir(dir);
	pairs_check(l);
	return l->failed ? ERR_INVALID : ERR_OK;
}

enum err mail_templates_load(const char *dir, void (*tell)(void *arg, const char *mistake),
	void *arg, struct mail_templates **ret)
{
	struct mail_templates *t = mem_alloc(sizeof(*t));
	struct loading l = { dir, tell, arg, t, false };
	enum err e = ERR_OK;

	t->arena = arena_new(1024);
	if (*dir)
		e = dir_read(&l);
	if (e == ERR_OK)
		*ret = t;
	else
		mail_templates_free(&t);
	return e;
}

void mail_templates_free(struct mail_templates **t)
{
	if (!*t)
		return;
	arena_free(&(*t)->arena);
	free(*t);
	*t = NULL;
}

const struct mail_template *mail_template_find(
	const struct mail_templates *t, size_t kind, enum language language)
{
	for (size_t i = 0; t && i < t->n; i++)
		if (t->items[i].kind == kind && t->items[i].language == language)
			return &t->items[i];
	return NULL;
}
