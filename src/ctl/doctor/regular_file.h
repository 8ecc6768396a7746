/* Reads a file that may be anything: what is no regular file, or too long, is refused before it is waited for. */
#ifndef DIALTONE_CTL_DOCTOR_REGULAR_FILE_H
#define DIALTONE_CTL_DOCTOR_REGULAR_FILE_H

#include "base/buf.h"

/* Appends it, as far as the buffer's limit. NULL, or why it cannot be had. */
const char *regular_file_read(const char *path, struct buf *out);

#endif
