/*
 * What an e-mail address, a phone number, a domain and a host look like: `check` functions of field
 * rows (base/field.h).
 */
#ifndef DIALTONE_BASE_SYNTAX_H
#define DIALTONE_BASE_SYNTAX_H

#include <stdbool.h>

#include "base/str.h"
#include "base/text.h"

/* An addr-spec of RFC 5322 without comments, quoted parts and address literals. */
const struct text *email_check(struct str s);
/* E.164 with its leading +; phone/phone.h knows which can be numbers. */
bool phone_is_valid(struct str s);
const struct text *lowercase_check(struct str s);
/* Keys of types and actions: letters without upper case, digits, "-" and "_"; codes have no "-" and "_". */
const struct text *key_check(struct str s);
const struct text *code_check(struct str s);
/* Four digits (R-PIN of accounts-api 5). */
const struct text *pin_check(struct str s);
/* An IPv4 or IPv6 address, without a prefix length, port, brackets or zone; one of IPv4 is written as such. */
const struct text *address_check(struct str s);
/* Lower-case labels, two at least; the last one has no digit, so an address is none. */
const struct text *domain_check(struct str s);
/* An HTTP host, lower-case and without a port: like a domain, but a single label ("localhost") and an
 * IPv4 address are hosts too. */
const struct text *host_check(struct str s);

#endif
