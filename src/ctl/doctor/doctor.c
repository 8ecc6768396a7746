#define _GNU_SOURCE
#include "doctor_priv.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "pg/pg.h"

#define CHECK_SECONDS 20 /* much more than any bound inside */

static const struct doctor_check *const groups[] = { settings_checks, keys_checks, postgres_checks,
	content_checks, keys_fit_checks, public_url_checks, redis_checks, machine_checks,
	nginx_checks, certificate_checks, program_checks, NULL };

static const char *const words[] = { "ok", "unseen", "warn", "wrong" };

/* The check at hand, for the last of all bounds. */
static const char *running = "";

const char *doctor_verdict_word(enum doctor_verdict verdict)
{
	return words[verdict];
}

static size_t count_checks(void)
{
	size_t n = 0;

	for (const struct doctor_check *const *g = groups; *g; g++)
		for (const struct doctor_check *c = *g; c->name; c++)
			n++;
	return n;
}

const struct doctor_check_name *doctor_check_names(struct arena *arena)
{
	struct doctor_check_name *names = arena_alloc(arena, (count_checks() + 1) * sizeof(*names));
	size_t n = 0;

	for (const struct doctor_check *const *g = groups; *g; g++)
		for (const struct doctor_check *c = *g; c->name; c++)
			names[n++] = (struct doctor_check_name){ c->name, c->what };
	return names;
}

/* A file system that is gone holds whatever looks at it: what was said is said, and this is the end. */
static void on_alarm(int signal_number)
{
	static const char said[] = ": no end within 20 s; the checks behind it were not made\n";

	(void)signal_number;
	if (write(STDOUT_FILENO, "wrong   ", 8) > 0 &&
		write(STDOUT_FILENO, running, strlen(running)) > 0)
		(void)!write(STDOUT_FILENO, said, sizeof(said) - 1);
	_exit(EXIT_FAILURE);
}

/* The instance that the configuration belongs to. NULL: it is none. */
static const char *instance_of(struct arena *arena, const char *config_file)
{
	const char *slash = strrchr(config_file, '/');
	const char *dir =
		slash ? arena_strndup(arena, config_file, (size_t)(slash - config_file)) : ".";

	return access(arena_printf(arena, "%s/instance.conf", dir), F_OK) == 0 ? dir : NULL;
}

/* On a machine with the units it is "dialtone"; else whose the socket is, or who asks. */
static struct person service_user(const struct doctor_setup *setup, struct arena *arena)
{
	struct person p;

	if (strcmp(setup->config_file, CONF_DEFAULT_FILE) == 0 &&
		person_named("dialtone", arena, &p))
		return p;
	(void)person_with(person_owner(setup->api->listen, geteuid()), arena, &p);
	return p;
}

static void examine(struct doctor *d)
{
	d->service = service_user(d->setup, d->arena);
	d->instance = instance_of(d->arena, d->setup->config_file);
	d->nginx_path = d->setup->nginx ? d->setup->nginx
			: d->instance   ? arena_printf(d->arena, "%s/nginx/nginx.conf", d->instance)
					: "/etc/nginx/nginx.conf";
	running = "nginx_file";
	alarm(CHECK_SECONDS);
	d->nginx_why = nginx_file_read(d->nginx_path, d->arena, &d->nginx);
	d->processes = processes_read(d->setup->config_file, d->service.uid, d->arena);
}

static const struct doctor_finding *finding_of(const struct doctor *d, const char *check, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(d->findings[i].check, check) == 0)
			return &d->findings[i];
	return NULL;
}

/* n: how many have been made. */
static struct doctor_finding make(struct doctor *d, const struct doctor_check *c, size_t n)
{
	const struct doctor_finding *before = c->after ? finding_of(d, c->after, n) : NULL;
	struct doctor_finding f;

	running = c->name;
	alarm(CHECK_SECONDS);
	if (before && (before->verdict == DOCTOR_WRONG || before->verdict == DOCTOR_UNSEEN))
		f = not_looked_at(d, "%s comes first", c->after);
	else
		f = c->look(d);
	f.check = c->name;
	return f;
}

static enum doctor_verdict make_all(struct doctor *d, doctor_tell_fn *tell, void *arg)
{
	enum doctor_verdict worst = DOCTOR_OK;
	size_t n = 0;

	d->findings = arena_alloc(d->arena, count_checks() * sizeof(*d->findings));
	for (const struct doctor_check *const *g = groups; *g; g++)
		for (const struct doctor_check *c = *g; c->name; c++) {
			d->findings[n] = make(d, c, n);
			tell(arg, &d->findings[n]);
			if (d->findings[n].verdict > worst)
				worst = d->findings[n].verdict;
			n++;
		}
	return worst;
}

enum doctor_verdict doctor_run(
	const struct doctor_setup *setup, struct arena *arena, doctor_tell_fn *tell, void *arg)
{
	struct doctor d = { .setup = setup, .arena = arena };
	enum doctor_verdict worst;

	/* What the parts used here would log is what the findings say. */
	log_set_level(LOG_LEVEL_NONE);
	signal(SIGALRM, on_alarm);
	examine(&d);
	worst = make_all(&d, tell, arg);
	alarm(0);
	redis_free(&d.redis);
	pg_free(&d.content_pg);
	pg_free(&d.pg);
	log_set_level(LOG_LEVEL_ERROR);
	return worst;
}
