/* A certificate of a server, from its file: until when it is good, and for which names. */
#ifndef DIALTONE_CTL_DOCTOR_CERTIFICATE_H
#define DIALTONE_CTL_DOCTOR_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

struct certificate;

/* The first of a chain, PEM. NULL, or why it cannot be read. */
const char *certificate_load(const char *path, struct certificate **ret);
void certificate_free(struct certificate **c);
/* Below zero: it has ended. */
int64_t certificate_seconds_left(const struct certificate *c);
/* It is not good yet. */
bool certificate_is_early(const struct certificate *c);
bool certificate_is_for(const struct certificate *c, const char *host);

#endif
