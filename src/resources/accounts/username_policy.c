#include "resources/accounts/username_policy.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

struct expression {
	char *text; /* as it was written */
	bool compiles;
	regex_t regex;
};

struct username_policy {
	struct expression pattern;
	struct expression *forbidden;
	size_t forbidden_count;
};

static void expression_init(struct expression *e, struct str text)
{
	e->text = mem_strndup(text.p, text.n);
	e->compiles = regcomp(&e->regex, e->text, REG_EXTENDED | REG_NOSUB) == 0;
}

static void expression_finish(struct expression *e)
{
	if (e->compiles)
		regfree(&e->regex);
	free(e->text);
}

static bool expression_matches(const struct expression *e, const char *text)
{
	return e->compiles && regexec(&e->regex, text, 0, NULL, 0) == 0;
}

static size_t count_commas(const char *list)
{
	size_t n = 0;

	while ((list = strchr(list, ',')) != NULL) {
		list++;
		n++;
	}
	return n;
}

struct username_policy *username_policy_new(const char *pattern, const char *blacklist)
{
	struct username_policy *p = mem_alloc(sizeof(*p));
	struct str rest = str_from(blacklist);

	expression_init(&p->pattern, str_from(pattern));
	p->forbidden = mem_alloc((count_commas(blacklist) + 1) * sizeof(*p->forbidden));
	while (rest.n) {
		struct str item = str_trim(str_split(&rest, ','));

		if (item.n)
			expression_init(&p->forbidden[p->forbidden_count++], item);
	}
	return p;
}

void username_policy_free(struct username_policy **p)
{
	if (!*p)
		return;
	expression_finish(&(*p)->pattern);
	for (size_t i = 0; i < (*p)->forbidden_count; i++)
		expression_finish(&(*p)->forbidden[i]);
	free((*p)->forbidden);
	free(*p);
	*p = NULL;
}

const struct text *username_policy_check(const struct username_policy *p, const char *username)
{
	if (!expression_matches(&p->pattern, username))
		return &text_format;
	for (size_t i = 0; i < p->forbidden_count; i++)
		if (strcmp(p->forbidden[i].text, username) == 0 ||
			expression_matches(&p->forbidden[i], username))
			return &text_taken;
	return NULL;
}
