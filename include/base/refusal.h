/*
 * What a client is told when something is refused: the HTTP status, a key, and the English text.
 *
 *   static const struct refusal own_account = { 403, "own_account", "This is your own account." };
 *
 * It stands beside the rule that refuses (service/refusal.h tells how); errors of several layers have
 * theirs in base/err_codes.h.  The key is a promise to clients, and unique: it is the `type` of a
 * problem document, and by it the translation is found (base/text.h).
 */
#ifndef DIALTONE_BASE_REFUSAL_H
#define DIALTONE_BASE_REFUSAL_H

#include "base/text.h"

struct refusal {
	int status;
	const char *key, *text;
};

#endif
