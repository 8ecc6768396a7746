/* What the files of ctl/ share: the rows of commands, reading their arguments, saying results. */
#ifndef DIALTONE_CTL_CTL_PRIV_H
#define DIALTONE_CTL_CTL_PRIV_H

#include "base/field_errors.h"
#include "ctl/ctl.h"

enum command_needs {
	NEEDS_NOTHING = 0,
	NEEDS_DATABASE = 1 << 0, /* connected, and the schema fits */
	NEEDS_RULES = 1 << 1,    /* the rules: the database and the keys besides */
	/* It changes something that an operator asks about later, by service_change() or a rule that calls
	 * it: it leaves a row in the audit trail. */
	CHANGES = 1 << 2
};

/*
 * One command.  Its fields say where each value comes from: FIELD_IN_PATH is an argument, in order;
 * FIELD_IN_QUERY an --option; FIELD_IN_BODY a secret, the first line of standard input.
 */
struct command {
	const char *words; /* "space create" */
	const struct field *fields;
	size_t size; /* of the struct the fields describe */
	unsigned needs;
	enum err (*run)(struct ctl *c, const void *input);
	const char *help;
};

/* One list per group, ended by a row without words. */
extern const struct command account_create_commands[], account_commands[], audit_commands[],
	completion_commands[], doctor_commands[], job_commands[], job_test_commands[],
	key_commands[], keys_commands[], hmac_login_commands[], publish_commands[],
	relay_commands[], schema_commands[], two_factor_commands[], server_commands[],
	space_commands[], space_change_commands[], token_commands[];

/* database.c: knows every statement, is not connected yet. */
struct pg *database_new(const struct ctl *c);

/* arguments.c */

/* Fills the struct. False, with every mistake told, when it cannot. */
bool arguments_read(struct ctl *c, const struct command *command, int argc, const char *const *argv,
	void *input);
void arguments_usage(const struct command *command, FILE *out);
/* Usage, help, and a line for each argument. */
void arguments_help(const struct command *command, FILE *out);
/* "--name " for each option. */
void arguments_options(const struct command *command, FILE *out);

/* say.c */

/* A sentence to the operator. */
void say(struct ctl *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same, and the reason why the command fails. */
enum err refuse(struct ctl *c, enum err e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Every mistake in a line of its own; ERR_INVALID. */
enum err refuse_fields(struct ctl *c, const struct field_errors *errors);

/* table.c */

void table_rows(struct ctl *c, const struct field *fields, const void *rows, size_t size, size_t n);
/* One object: a line for each field. */
void table_object(struct ctl *c, const struct field *fields, const void *object);

#endif
