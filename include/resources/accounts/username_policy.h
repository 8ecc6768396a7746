/*
 * Which user names this server gives away: the expressions of the configuration, compiled once for a
 * process (R-USERNAME, R-BLACKLIST of accounts-api 5.1).  What holds everywhere, and what a space or
 * the caller's rights decide, is in account_rules.h.
 *
 * Expressions are POSIX extended ones: without back-references they match in linear time.
 */
#ifndef DIALTONE_RESOURCES_ACCOUNTS_USERNAME_POLICY_H
#define DIALTONE_RESOURCES_ACCOUNTS_USERNAME_POLICY_H

#include "base/text.h"

struct username_policy;

/* `pattern` has to match; the configuration has checked that it compiles, and where it does not it
 * matches nothing.  `blacklist` is a comma list: an item refuses the name that equals it and, if it
 * compiles, those it matches anywhere. Both are borrowed for the call. */
struct username_policy *username_policy_new(const char *pattern, const char *blacklist);
void username_policy_free(struct username_policy **p);

/* NULL, text_format: the pattern does not match, or text_taken: it is on the blacklist, which is not
 * told. */
const struct text *username_policy_check(const struct username_policy *p, const char *username);

#endif
