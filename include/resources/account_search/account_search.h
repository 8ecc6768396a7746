/*
 * Accounts as SIP servers and other programs find them, by an address of theirs, with what the server has to
 * know of their call forwardings (accounts-api I.7, II.15; sip-integration 2.3).
 */
#ifndef DIALTONE_RESOURCES_ACCOUNT_SEARCH_ACCOUNT_SEARCH_H
#define DIALTONE_RESOURCES_ACCOUNT_SEARCH_ACCOUNT_SEARCH_H

#include "base/subject.h"
#include "resources/account_search/fields.h"

/* {sip}, {email} of a path: struct found_account in the caller's space, its tokens readable. */
extern const struct subject found_account_by_sip, found_account_by_email;

#endif
