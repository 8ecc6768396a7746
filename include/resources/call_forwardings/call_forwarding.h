/*
 * Rules that send the calls of an account elsewhere, one of each kind (accounts-api II.10): always, when it
 * does not answer, when it is busy.  The SIP server acts on them; it reads them in the view sip.call_forward, or
 * in the answers of resources/account_search.
 */
#ifndef DIALTONE_RESOURCES_CALL_FORWARDINGS_CALL_FORWARDING_H
#define DIALTONE_RESOURCES_CALL_FORWARDINGS_CALL_FORWARDING_H

#include "base/rows.h"
#include "base/subject.h"
#include "resources/call_forwardings/fields.h"
#include "service/service.h"

struct call_forwarding_input {
	const char *type; /* also "away", the older name of "no_answer" */
	const char *forward_to, *sip_uri;
	int64_t contact_id; /* 0: none */
	enum tri enabled;
};

/* {fid} of the caller's account; {id} of an account and {fid}: struct call_forwarding. */
extern const struct subject call_forwarding_own, call_forwarding_subject;

/* Of the caller, and of {id}: struct call_forwarding, the newest first. */
extern const struct subject call_forwardings_own, call_forwardings_of_account;

/* Both inside a transaction.  ERR_INVALID, with the fields in s->errors: the account has one of this kind, it
 * is no contact of the account, or it cannot be enabled beside another.  ERR_NOT_FOUND: the account is gone. */
MUST_CHECK enum err call_forwarding_create(struct service *s, int64_t account_id,
	const struct call_forwarding_input *in, struct call_forwarding *ret);
/* The kind stays. */
MUST_CHECK enum err call_forwarding_update(struct service *s, const struct call_forwarding *now,
	const struct call_forwarding_input *in, struct call_forwarding *ret);
/* 1, or 0 where the account has none of that id. */
MUST_CHECK enum err call_forwarding_delete(
	struct service *s, int64_t account_id, int64_t id, int64_t *ret_count);

#endif
