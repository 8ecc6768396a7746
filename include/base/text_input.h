/*
 * Text from files and from standard input, as editors and shells of all kinds leave it: without the byte
 * order mark (RFC 3629, 6) that some put in front of it, and that would become part of a name or a password.
 */
#ifndef DIALTONE_BASE_TEXT_INPUT_H
#define DIALTONE_BASE_TEXT_INPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"

/* Appends what is left of the file. False with errno set: EFBIG when the buffer's limit was passed. */
bool text_input_read(int fd, struct buf *ret);
struct arena;

/* The first line of a file, trimmed: a password. False, with errno set (0: there is none), when it cannot be had. */
bool text_input_first_line(const char *path, struct arena *arena, const char **ret);
/* The first line, without its end, as fgets() reads it; "" when there is none. */
void text_input_line(FILE *in, char *ret, size_t size);

#endif
