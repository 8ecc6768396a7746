/*
 * HA1, the form in which SIP wants a password kept: H(username ":" realm ":" password) in lower-case
 * hexadecimal (RFC 7616, 3.4.2; RFC 3261, 22.4).
 *
 * It is enough to register as that user: treat it as the password.
 */
#ifndef DIALTONE_CRYPTO_HA1_H
#define DIALTONE_CRYPTO_HA1_H

#include <stdbool.h>

#include "base/str.h"

#define HA1_SIZE 65 /* SHA-256 and a NUL; MD5 takes 33 */

enum digest_algorithm { DIGEST_MD5, DIGEST_SHA256, DIGEST_ALGORITHMS };

/* "MD5" or "SHA-256", in either case. */
bool digest_algorithm_parse(struct str name, enum digest_algorithm *ret);

void ha1_make(enum digest_algorithm a, struct str username, struct str realm, struct str password,
	char ret[HA1_SIZE]);

#endif
