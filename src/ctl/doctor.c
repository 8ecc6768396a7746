/* doctor: what is wrong here, and what mends it. */
#include "ctl/doctor/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "ctl_priv.h"

#define EXIT_DOUBTFUL 3
#define NAME_WIDTH    22

struct doctor_input {
	const char *nginx;
	bool list;
};

static const struct field input_fields[] = {
	FIELD_TEXT(doctor_input, nginx, .in = FIELD_IN_QUERY,
		.doc = "nginx's configuration, where it is not /etc/nginx/nginx.conf"),
	FIELD_BOOL(doctor_input, list, .in = FIELD_IN_QUERY,
		.doc = "Only name the checks, and what each looks at"),
	FIELDS_END,
};

struct shown {
	const char *check, *verdict, *seen, *mend;
};

static const struct field shown_fields[] = {
	FIELD_TEXT(shown, check),
	FIELD_TEXT(shown, verdict),
	FIELD_TEXT(shown, seen),
	FIELD_TEXT(shown, mend, .flags = FIELD_NULL),
	FIELDS_END,
};

static const struct field name_fields[] = {
	FIELD_TEXT(doctor_check_name, name),
	FIELD_TEXT(doctor_check_name, what),
	FIELDS_END,
};

struct telling {
	struct ctl *ctl;
	struct shown *rows; /* for --json, which is one document */
	size_t n;
};

static void line_print(FILE *out, const char *text)
{
	for (; *text; text++)
		fputc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, out);
}

/* As it is found, so that a check that takes long is seen to. */
static void tell(void *arg, const struct doctor_finding *f)
{
	struct telling *t = arg;
	FILE *out = t->ctl->out;

	t->rows[t->n++] =
		(struct shown){ f->check, doctor_verdict_word(f->verdict), f->seen, f->mend };
	if (t->ctl->json)
		return;
	fprintf(out, "%-7s %s: ", doctor_verdict_word(f->verdict), f->check);
	line_print(out, f->seen);
	if (f->mend) {
		fputs("\n        mend: ", out);
		line_print(out, f->mend);
	}
	fputc('\n', out);
	fflush(out);
}

static size_t count_names(const struct doctor_check_name *names)
{
	size_t n = 0;

	while (names[n].name)
		n++;
	return n;
}

static enum err doctor(struct ctl *c, const void *input)
{
	const struct doctor_input *in = input;
	const struct doctor_check_name *names = doctor_check_names(c->arena);
	struct telling t = { .ctl = c };
	struct doctor_setup setup = *c->doctor;
	enum doctor_verdict worst;

	if (in->list) {
		table_rows(c, name_fields, names, sizeof(*names), count_names(names));
		return ERR_OK;
	}
	setup.nginx = in->nginx;
	t.rows = arena_alloc(c->arena, count_names(names) * sizeof(*t.rows));
	worst = doctor_run(&setup, c->arena, tell, &t);
	if (c->json)
		table_rows(c, shown_fields, t.rows, sizeof(*t.rows), t.n);
	c->said = true;
	c->exit_status = worst == DOCTOR_WARN ? EXIT_DOUBTFUL : 0;
	return worst >= DOCTOR_WARN ? ERR_UNAVAILABLE : ERR_OK;
}

const struct command doctor_commands[] = {
	{ "doctor", input_fields, sizeof(struct doctor_input), NEEDS_NOTHING, doctor,
		"Look for what goes wrong, and tell what mends it; 0 all is well, 1 something is "
		"wrong, 3 something is doubtful" },
	{ 0 },
};
