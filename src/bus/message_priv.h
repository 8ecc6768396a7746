/*
 * The header of a message, declared once for writing and reading.  The two stand in files of their
 * own because the names of json-c and of our writer do not go together.
 */
#ifndef DIALTONE_BUS_MESSAGE_PRIV_H
#define DIALTONE_BUS_MESSAGE_PRIV_H

#include <stddef.h>

#define MESSAGE_VERSION 1

enum part_type { PART_TEXT, PART_INT, PART_BOOL, PART_LIST, PART_OP };

struct message_part {
	const char *key;
	enum part_type type;
	size_t offset; /* in struct message */
};

/* Ends with .key == NULL. v, k and by stand outside. */
extern const struct message_part message_parts[];
/* Indexed by enum message_op; ends with NULL. */
extern const char *const message_op_names[];

#endif
