/* What a SIP URI looks like (RFC 3261, 25.1): a `check` of field rows (base/field.h). */
#ifndef DIALTONE_BASE_SIP_URI_H
#define DIALTONE_BASE_SIP_URI_H

#include "base/str.h"
#include "base/text.h"

/* "sip:" or "sips:" in any case, perhaps a user and a password, a host (a name, IPv4, [IPv6]), perhaps a port,
 * parameters and headers.  None has a blank, a quote, an angle bracket or a control character in it. */
const struct text *sip_uri_check(struct str s);

#endif
