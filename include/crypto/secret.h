/*
 * Comparing secrets in a time that does not depend on where they differ.
 *
 * The length is not kept secret: compare digests of a fixed length.
 */
#ifndef DIALTONE_CRYPTO_SECRET_H
#define DIALTONE_CRYPTO_SECRET_H

#include <stdbool.h>

#include "base/str.h"

bool secret_is_equal(struct str a, struct str b);

#endif
