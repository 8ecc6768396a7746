/*
 * Passwords that are guessed first (R-COMMON-PASSWORD of accounts-api 5): no new one may be one of them.
 * The list is read once for a process.
 */
#ifndef DIALTONE_RESOURCES_ACCOUNTS_COMMON_PASSWORDS_H
#define DIALTONE_RESOURCES_ACCOUNTS_COMMON_PASSWORDS_H

#include <stdbool.h>
#include <stddef.h>

struct common_passwords;

/* list: that of the setting password_block_list.  A file that cannot be read is told in the log, and
 * the packaged list holds in its place. */
struct common_passwords *common_passwords_new(const char *list);
void common_passwords_free(struct common_passwords **p);

/* As a whole, and without regard to case: that of Latin, Greek and Cyrillic letters. */
bool common_passwords_has(const struct common_passwords *p, const char *password);

/* packaging/common-passwords.txt, sorted; in lower case. */
extern const char *const common_passwords_packaged[];
extern const size_t common_passwords_packaged_count;

#endif
