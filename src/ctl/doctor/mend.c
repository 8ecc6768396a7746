#define _GNU_SOURCE
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "doctor_priv.h"

static const char *unit_of(struct doctor *d, const char *service)
{
	if (strcmp(service, "postgres") == 0)
		return "postgresql";
	if (strcmp(service, "redis") == 0)
		return "redis-server";
	if (strcmp(service, "nginx") == 0)
		return service;
	if (strncmp(service, "relay-", 6) == 0)
		return arena_printf(d->arena, "'dialtone-relay@%s'", service + 6);
	return arena_printf(d->arena, "dialtone-%s", service);
}

const char *mend_start(struct doctor *d, const char *service)
{
	if (d->instance)
		return arena_printf(
			d->arena, "packaging/instance start %s %s", d->instance, service);
	return arena_printf(d->arena, "systemctl start %s", unit_of(d, service));
}

const char *mend_restart(struct doctor *d, const char *service)
{
	if (d->instance)
		return arena_printf(d->arena,
			"packaging/instance stop %s %s && packaging/instance start %s %s",
			d->instance, service, d->instance, service);
	return arena_printf(d->arena, "systemctl restart %s", unit_of(d, service));
}

/* Its folder of sockets and its port, where they are not the usual ones. */
static const char *psql_place(struct doctor *d)
{
	if (d->instance)
		return arena_printf(d->arena, " -h %s/run/pg -U postgres", d->instance);
	return d->pg && d->facts.port != 5432
		       ? arena_printf(d->arena, " -p %lld", (long long)d->facts.port)
		       : "";
}

const char *mend_sql(struct doctor *d, const char *fmt, ...)
{
	const char *database = d->pg ? d->facts.database : "dialtone";
	const char *sql;
	va_list ap;

	va_start(ap, fmt);
	sql = arena_vprintf(d->arena, fmt, ap);
	va_end(ap);
	return arena_printf(d->arena, "%spsql%s -d %s -c \"%s\"",
		d->instance ? "" : "runuser -u postgres -- ", psql_place(d), database, sql);
}

static const char *as_service(struct doctor *d)
{
	return geteuid() == 0 && d->service.uid != 0
		       ? arena_printf(d->arena, "runuser -u %s -- ", d->service.name)
		       : "";
}

const char *mend_ctl(struct doctor *d, const char *command)
{
	const char *file = d->setup->config_file;
	bool usual = strcmp(file, CONF_DEFAULT_FILE) == 0;

	return arena_printf(d->arena, "%sdialtonectl%s%s %s", as_service(d),
		usual ? "" : " --config ", usual ? "" : file, command);
}

/* The programs that read a section; those of the common one are all. */
static const char *readers(struct doctor *d, const char *section)
{
	if (strcmp(section, "api") == 0)
		return d->instance ? arena_printf(d->arena, "packaging/instance reload %s api",
					     d->instance)
				   : "systemctl reload dialtone-api";
	if (strcmp(section, "common") == 0)
		return arena_printf(
			d->arena, "%s && %s", mend_restart(d, "api"), mend_restart(d, "jobs"));
	return mend_restart(
		d, strcmp(section, "relay") == 0 ? d->instance ? "relay-aa" : "relay-*" : section);
}

/* One that stands there is taken out, as a second one would be a mistake. */
const char *mend_setting(struct doctor *d, const char *section, const char *name, const char *value)
{
	const char *file = d->setup->config_file, *then = readers(d, section);

	if (strcmp(section, "common") == 0)
		return arena_printf(d->arena,
			"sed -i -e '1i %s = %s' -e '/^[[:space:]]*%s[[:space:]]*=/d' %s && %s",
			name, value, name, file, then);
	return arena_printf(d->arena,
		"sed -i -e "
		"'/^[[:space:]]*\\[%s\\]/,/^[[:space:]]*\\[/{/^[[:space:]]*%s[[:space:]]*=/d}' "
		"-e '/^[[:space:]]*\\[%s\\]/a %s = %s' %s && %s",
		section, name, section, name, value, file, then);
}

const char *mend_nginx(struct doctor *d, const char *file, const char *sed, const char *how)
{
	if (d->instance && strcmp(how, "reload") == 0)
		return arena_printf(d->arena,
			"sed -i -E '%s' %s && packaging/instance reload %s nginx", sed, file,
			d->instance);
	if (d->instance)
		return arena_printf(
			d->arena, "sed -i -E '%s' %s && %s", sed, file, mend_restart(d, "nginx"));
	return arena_printf(
		d->arena, "sed -i -E '%s' %s && nginx -t && systemctl %s nginx", sed, file, how);
}
