/* jobs: what waits to be done outside requests. */
#include "ctl_priv.h"

#include "service/job.h"
#include "service/transaction.h"

#define LISTED_DEFAULT 100
#define LISTED_MAX     10000

struct job_input {
	int64_t id, limit;
	const char *kind, *state;
	bool payload;
};

static const struct field list_fields[] = {
	FIELD_TEXT(job_input, kind, .in = FIELD_IN_QUERY, .doc = "Only those of this kind"),
	FIELD_TEXT(job_input, state, .in = FIELD_IN_QUERY, .one_of = job_states,
		.doc = "Only those that are waiting, running or dead"),
	FIELD_INT(job_input, limit, .in = FIELD_IN_QUERY, .min = 1, .max = LISTED_MAX,
		.doc = "How many; 100 unless told"),
	FIELDS_END,
};

static const struct field show_input_fields[] = {
	FIELD_INT(job_input, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "As jobs list shows it"),
	FIELD_BOOL(job_input, payload, .in = FIELD_IN_QUERY,
		.doc = "With what it is about, opened where it is sealed"),
	FIELDS_END,
};

static const struct field id_fields[] = {
	FIELD_INT(job_input, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "As jobs list shows it"),
	FIELDS_END,
};

static enum err list(struct ctl *c, const void *input)
{
	const struct job_input *in = input;
	struct job *jobs;
	size_t n;
	int64_t limit = in->limit ? in->limit : LISTED_DEFAULT;
	enum err e = job_list(&c->service, in->kind, in->state, limit, &jobs, &n);

	if (e == ERR_OK)
		table_rows(c, job_fields, jobs, sizeof(*jobs), n);
	return e;
}

static enum err show(struct ctl *c, const void *input)
{
	const struct job_input *in = input;
	struct job job;
	enum err e = job_get(&c->service, in->id, in->payload, &job);

	if (e == ERR_NOT_FOUND)
		return refuse(c, e, "There is no such job; those that are done are not kept.");
	if (e != ERR_OK)
		return e;
	if (in->payload && !job.payload)
		return refuse(c, ERR_GONE, "No key of the keys file opens this payload.");
	table_object(c, in->payload ? job_payload_fields : job_fields, &job);
	return ERR_OK;
}

static enum err again(struct service *s, void *id)
{
	return job_retry(s, *(const int64_t *)id);
}

static enum err remove_one(struct service *s, void *id)
{
	return job_drop(s, *(const int64_t *)id);
}

static enum err retry(struct ctl *c, const void *input)
{
	const struct job_input *in = input;
	int64_t id = in->id;
	enum err e = service_change(&c->service, again, &id);

	return e == ERR_NOT_FOUND
		       ? refuse(c, e, "There is no such job, or it has expired, or is running.")
		       : e;
}

static enum err drop(struct ctl *c, const void *input)
{
	const struct job_input *in = input;
	int64_t id = in->id;
	enum err e = service_change(&c->service, remove_one, &id);

	return e == ERR_NOT_FOUND ? refuse(c, e, "There is no such job, or it is running.") : e;
}

const struct command job_commands[] = {
	{ "jobs list", list_fields, sizeof(struct job_input), NEEDS_DATABASE, list,
		"List mails and messages that wait, run or were given up, the newest first" },
	{ "jobs show", show_input_fields, sizeof(struct job_input), NEEDS_RULES, show,
		"Show one, with --payload also the codes and links in it" },
	{ "jobs retry", id_fields, sizeof(struct job_input), NEEDS_DATABASE | CHANGES, retry,
		"Try one again now, a dead one too" },
	{ "jobs drop", id_fields, sizeof(struct job_input), NEEDS_DATABASE | CHANGES, drop,
		"Remove one: it is not sent" },
	{ 0 },
};
