/* The configuration: mistakes, and what is allowed but dangerous. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "doctor_priv.h"

/* The first line of what is wrong; NULL: nothing. */
static const char *first_mistake(struct doctor *d)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	enum err e =
		conf_check_file(d->setup->config_file, (const char *const *)environ, out, NULL);
	char *line = NULL, *second;

	fclose(out);
	if (e != ERR_OK) {
		second = strchr(text, '\n');
		line = arena_strdup(d->arena, second && second[1] ? second + 1 : text);
		*strchrnul(line, '\n') = '\0';
	}
	free(text);
	return line;
}

static struct doctor_finding look_configuration(struct doctor *d)
{
	const char *file = d->setup->config_file;
	struct stat st;

	if (access(file, F_OK) && errno == ENOENT && strcmp(file, CONF_DEFAULT_FILE) == 0)
		return found_doubtful(d,
			"install -o root -g dialtone -m 0640 "
			"packaging/dialtone.conf.example " CONF_DEFAULT_FILE,
			"there is no %s: every setting has its default", file);
	const char *mistake = first_mistake(d);

	if (mistake)
		return found_wrong(d, mend_ctl(d, "config check"), "%s", mistake);
	if (stat(file, &st) == 0 && st.st_mode & S_IROTH)
		return found_wrong(d, arena_printf(d->arena, "chmod o= %s", file),
			"all users of this machine may read %s, which may hold passwords", file);
	return found_well(d, "%s has no mistakes", file);
}

static struct doctor_finding look_dangerous(struct doctor *d)
{
	if (!d->setup->api->rules.dangerous_endpoints)
		return found_well(d, "dangerous_endpoints is off");
	return found_doubtful(d, mend_setting(d, "api", "dangerous_endpoints", "false"),
		"dangerous_endpoints is on: accounts are created and recovered on the strength of "
		"an SMS");
}

static struct doctor_finding look_public_url(struct doctor *d)
{
	const char *url = d->setup->api->rules.public_url;

	if (*url)
		return found_well(d, "links lead to %s", url);
	if (!d->has_content || d->content.spaces < 2)
		return found_well(d, "it is empty: links lead to the host of the space, port 443");
	return found_wrong(d,
		mend_setting(d, "api", "public_url",
			arena_printf(d->arena, "https://%.*s", (int)strcspn(d->content.hosts, " "),
				d->content.hosts)),
		"it is empty and there are %lld spaces: links in answers without a space lead to "
		"whatever host the client said",
		(long long)d->content.spaces);
}

const struct doctor_check settings_checks[] = {
	{ "configuration", "mistakes in the file, and who may read it", look_configuration, NULL },
	{ "dangerous_settings", "settings that open more than they should", look_dangerous, NULL },
	{ 0 },
};
/* It wants to know the spaces. */
const struct doctor_check public_url_checks[] = {
	{ "public_url", "whether links lead back here", look_public_url, NULL },
	{ 0 },
};
