/* What the database holds: is it written and read, and does what waits go out? */
#include <string.h>

#include "base/clock.h"
#include "doctor_priv.h"
#include "pg/pg.h"

#define OUTBOX_OLD_US (30 * CLOCK_SECOND_US)

static struct doctor_finding look_writes(struct doctor *d)
{
	struct pg *pg = pg_new(&(struct pg_settings){ .conninfo = d->setup->common->postgres,
		.app_name = "dialtonectl",
		.connect_timeout_ms = DOCTOR_WAIT_MS,
		.query_timeout_ms = DOCTOR_WAIT_MS });
	enum err e;

	content_facts_register(pg);
	person_become(&d->service);
	e = pg_connect(pg);
	person_return();
	if (e == ERR_OK)
		e = content_facts_read(pg, d->arena, &d->content);
	d->content_pg = pg;
	d->has_content = e == ERR_OK;
	if (!d->has_content)
		return found_wrong(d, mend_ctl(d, "status"), "what it holds cannot be read");
	if (d->facts.standby)
		return found_wrong(d,
			mend_setting(d, "common", "postgres",
				"host=first,second dbname=dialtone "
				"target_session_attrs=read-write"),
			"this PostgreSQL is a standby");
	e = content_can_be_written(pg);
	if (e == ERR_OK)
		return found_well(d, "it can be written");
	return found_wrong(d, "df -h", "reading goes on, writes are refused: %s",
		*pg_why(pg) ? pg_why(pg) : "the log of PostgreSQL says why");
}

static int64_t waited_s(struct doctor *d)
{
	int64_t since = d->content.outbox_since;

	return since && d->facts.now > since ? (d->facts.now - since) / CLOCK_SECOND_US : 0;
}

static struct doctor_finding look_jobs(struct doctor *d)
{
	if (d->facts.jobs)
		return found_well(d, "%lld dialtone-jobs %s connected", (long long)d->facts.jobs,
			d->facts.jobs == 1 ? "is" : "are");
	return found_wrong(d, mend_start(d, "jobs"),
		"no dialtone-jobs is connected: %lld events wait, the first since %lld s",
		(long long)d->content.outbox, (long long)waited_s(d));
}

static struct doctor_finding look_outbox(struct doctor *d)
{
	if (d->content.outbox_since == 0)
		return found_well(d, "no events wait");
	if (d->facts.now - d->content.outbox_since < OUTBOX_OLD_US)
		return found_well(d, "%lld events wait, the first since %lld s",
			(long long)d->content.outbox, (long long)waited_s(d));
	return found_wrong(d, mend_restart(d, "jobs"),
		"%s%lld events wait, the first since %lld s, though dialtone-jobs is connected",
		d->content.outbox == FACTS_MOST ? "at least " : "", (long long)d->content.outbox,
		(long long)waited_s(d));
}

static struct doctor_finding look_mails(struct doctor *d)
{
	const struct delivery_settings *s = &d->setup->jobs->delivery;

	if (d->content.mails && !*s->mail.server)
		return found_doubtful(d,
			mend_setting(d, "jobs", "mail_server", "mail.example.org:587"),
			"%lld mails wait, and no mail server is named: only spaces with one of "
			"their own send any",
			(long long)d->content.mails);
	if (d->content.messages && s->sms.backend == 0)
		return found_doubtful(d, mend_setting(d, "jobs", "sms_backend", "webhook"),
			"%lld text messages wait, and sms_backend is none",
			(long long)d->content.messages);
	return found_well(d, "%lld mails and %lld text messages wait", (long long)d->content.mails,
		(long long)d->content.messages);
}

static struct doctor_finding look_dead(struct doctor *d)
{
	if (!d->content.dead_jobs)
		return found_well(d, "none");
	return found_doubtful(d, mend_ctl(d, "jobs list --state dead"),
		"%s%lld mails or messages were given up: \"jobs retry ID\" tries one again",
		d->content.dead_jobs == FACTS_MOST ? "at least " : "",
		(long long)d->content.dead_jobs);
}

const struct doctor_check content_checks[] = {
	{ "postgres_writes", "that rows can be written", look_writes, "postgres_grants" },
	{ "jobs", "a dialtone-jobs at work", look_jobs, "postgres_writes" },
	{ "outbox", "events that wait to be published", look_outbox, "jobs" },
	{ "mails", "mails and text messages that nothing sends", look_mails, "postgres_writes" },
	{ "dead_jobs", "mails and messages that were given up", look_dead, "postgres_writes" },
	{ 0 },
};
