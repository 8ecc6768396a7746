/* The account that a command is about, by its user name and its domain. */
#ifndef DIALTONE_CTL_ACCOUNT_NAME_H
#define DIALTONE_CTL_ACCOUNT_NAME_H

#include "ctl_priv.h"
#include "resources/accounts/account.h"

struct account_name {
	const char *username, *domain;
};

/* Two arguments. */
extern const struct field account_name_fields[];

/* Refuses, with a sentence, a name that no account has. */
enum err account_named(
	struct ctl *c, const char *username, const char *domain, struct account *ret);

#endif
