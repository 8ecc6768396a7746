/* Shared by what reads Kamailio's words. */
#ifndef DIALTONE_PBX_KAMAILIO_PRIV_H
#define DIALTONE_PBX_KAMAILIO_PRIV_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "pbx/core/event.h"

#define KAMAILIO_EVENT_MAX 16384 /* bytes of a message */
#define KAMAILIO_KINDS_MAX 20
#define KAMAILIO_TEXT_MAX  512 /* bytes of a name, an address or a contact that are taken */

/* kamailio_event.c: one message of sip:events; texts live in the arena.
 *   ERR_NOT_FOUND  of no concern: a kind that is not known or not told, or a call of the proxy itself
 *   ERR_INVALID    it is no such message
 *   ERR_LIMIT      it is too long
 * *ret_kind: with ERR_OK; the index of its name. */
MUST_CHECK enum err kamailio_event_parse(
	struct str message, struct arena *arena, size_t *ret_kind, struct pbx_event *ret);
/* Its name; NULL behind the last. */
const char *kamailio_kind_name(size_t kind);

/* kamailio_address.c: a URI, a header or "user@domain", in lower case and without what else stands there; user
 * NULL: it is none. */
struct pbx_address kamailio_address(struct arena *arena, const char *text);
/* The URI alone of what a Contact header says; NULL: it is none, or "*". */
const char *kamailio_contact(struct arena *arena, const char *header);
/* "udp:192.0.2.1:5060" or a URI; NULL in both: it says neither. */
void kamailio_place(
	struct arena *arena, const char *text, const char **ret_ip, const char **ret_port);
/* Whether it is the proxy that calls, for an order. */
bool kamailio_is_own(const struct pbx_address *from);
/* As much as is kept, and no half of a character; NULL: nothing. */
const char *kamailio_text(struct arena *arena, const char *text);

/* kamailio_calls.c: the result of dlg.list, at most `most` calls.  ERR_PROTOCOL: it is none. */
MUST_CHECK enum err kamailio_calls_parse(
	struct str result, size_t most, struct arena *arena, struct pbx_event **ret, size_t *ret_n);

#endif
