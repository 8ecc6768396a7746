/* The row that a command which changes something leaves in the audit trail, with the change itself. */
#ifndef DIALTONE_CTL_TRAIL_H
#define DIALTONE_CTL_TRAIL_H

struct ctl;
struct command;

/* Before it runs; input as its fields describe it. */
void trail_begin(struct ctl *c, const struct command *k, const void *input);

#endif
