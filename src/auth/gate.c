/*
 * Who may call what (accounts-api 3.1, cti-api 1.3), in this order: the credential, what the identity
 * may do, the subject.  What is missing and what belongs to another space answer alike.
 */
#include "auth_priv.h"

#include <string.h>

#include "http/paging.h"
#include "identity/prove.h"
#include "identity/rate.h"
#include "resources/profiles/profile.h"
#include "resources/spaces/space.h"
#include "service/refusal.h"
#include "service/waiting.h"

#define TRIES_MAX 3 /* while spaces are changed */

static const struct refusal two_factor_required = { 403, "two_factor_required",
	UNTRANSLATED("2FA must be set up") };
static const struct refusal audience_refused = { 403, "audience_refused",
	UNTRANSLATED("this token is not for this call") };
static const struct refusal digest_not_enough = { 403, "digest_not_enough",
	"This account has a second factor: DIGEST opens only what its phones need" };

static const struct refusal second_factor_first = { 403, "second_factor_first",
	"This account has a second factor: log in with it to make an API key" };

static const struct refusal shared_by_spaces = { 403, "shared_by_spaces",
	"All spaces share this: only a super administrator may change it." };

/* A caller that is less than a whole login, the rows that are open to it, and what the others say. */
static enum err check_openness(const struct ctx *c)
{
	const struct caller *by = c->caller;
	const struct identity *who = &by->identity;
	const struct {
		bool applies;
		enum open_to needs;
		const struct refusal *because;
	} kinds[] = {
		{ who->two_factor && !who->otp_verified, OPEN_PENDING, &identity_otp_required },
		{ who->must_enrol, OPEN_ENROLMENT, &two_factor_required },
		{ who->audience, OPEN_PROGRAM, &audience_refused },
		{ who->method == IDENTITY_HMAC, OPEN_HMAC, &err_table[ERR_FORBIDDEN].told },
		{ who->method == IDENTITY_DIGEST && who->second_factor &&
				c->service->settings->digest_scope_two_factor != DIGEST_SCOPE_ALL,
			OPEN_PHONE, &digest_not_enough },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].applies && !(c->endpoint->open_to & kinds[i].needs))
			return refused(c->service, kinds[i].because);
	if (c->endpoint->flags & ROW_MAKES_KEY && who->second_factor &&
		(who->method == IDENTITY_KEY || who->from_provider))
		return refused(c->service, &second_factor_first);
	return ERR_OK;
}

/* Administrators act on the host of their own space, super administrators on every host. */
static enum err check_admin(struct ctx *c)
{
	const struct caller *by = c->caller;
	const struct identity *who = &by->identity;

	if (!who->admin || !(who->method & c->service->settings->admin_auth_methods))
		return ERR_FORBIDDEN;
	if (c->endpoint->auth == AUTH_SUPER && !who->super)
		return ERR_FORBIDDEN;
	if (!who->super && strcmp(who->domain, by->space->domain) != 0)
		return ERR_FORBIDDEN;
	if (c->endpoint->flags & ROW_SHARED && !who->super && !space_is_the_only_one(c->service))
		return refused(c->service, &shared_by_spaces);
	return ERR_OK;
}

/* What a row wants to know of the database besides the identity. */
enum { SUBJECT, GRANTS, READS, LOOKUPS = READS + ENDPOINT_READS_MAX };

struct lookups {
	struct subject_lookup of[LOOKUPS];
	struct subject_lookup *first;
};

static enum err check_capability(const struct ctx *c, const struct subject_lookup *grants)
{
	if (!c->endpoint->needs || grants->result != ERR_OK)
		return grants->result;
	return grants_include(c->service, grants->row, c->endpoint->needs);
}

static enum err check_identity(struct ctx *c)
{
	const struct identity *who = &c->caller->identity;

	if (who->blocked)
		return ERR_BLOCKED;
	if (who->space_expired)
		return ERR_SPACE_EXPIRED;
	if (c->endpoint->auth == AUTH_ADMIN || c->endpoint->auth == AUTH_SUPER)
		return check_admin(c);
	return ERR_OK;
}

static enum err find_space(struct ctx *c)
{
	struct caller *by = c->caller;
	enum err e;

	if (c->endpoint->flags & ROW_ANY_HOST)
		return ERR_OK;
	e = space_by_host(c->service, c->request->host, &by->space);
	if (e == ERR_OK)
		c->service->client.domain = by->space->domain;
	if (e != ERR_OK || !by->space->expired)
		return e;
	e = space_list_check(c->service, NULL); /* it may have been prolonged just now */
	return e == ERR_OK ? ERR_SPACE_EXPIRED : e;
}

static bool is_internal(const struct ctx *c)
{
	return c->endpoint->auth == AUTH_INTERNAL;
}

/* A call that shows nothing, or that anyone may make, logins included. */
static bool is_strangers(const struct ctx *c)
{
	const struct request *r = c->request;

	return !is_internal(c) && !(c->endpoint->flags & ROW_UNCOUNTED) &&
	       (c->endpoint->auth == AUTH_PUBLIC ||
		       !(r->authorization.n || r->api_key.n || r->cookie.n));
}

/* Those with a wrong credential share the bucket of the strangers of their network (accounts-api 16, 30);
 * our own programs have none. */
static enum err refuse_within_rate(struct ctx *c, enum err e)
{
	int status = refusal_of(c->service, e)->status;
	enum err limited = ERR_OK;

	if (status >= 400 && status < 500 && e != ERR_TOO_MANY && !is_internal(c) &&
		!is_strangers(c))
		limited = rate_take_network(c->service);
	return limited == ERR_OK ? e : limited;
}

static enum err count_request(struct ctx *c)
{
	return c->endpoint->family == FAMILY_ACCOUNTS
		       ? rate_take_account(c->service, c->caller->identity.account_id)
		       : ERR_OK;
}

/* Completes the key; one that names nothing is looked up all the same, so that time tells nothing. */
static void complete_key(struct ctx *c)
{
	const struct subject *subject = c->endpoint->subject;
	struct subject_key *key = c->key;

	if (c->caller->space)
		key->domain = c->caller->space->domain;
	if (subject && subject->key && subject->key(key, c->arena) != ERR_OK)
		*key = (struct subject_key){ 0 };
}

static void want(struct ctx *c, struct lookups *l, int which, const struct subject *subject)
{
	if (!subject)
		return;
	l->of[which] =
		(struct subject_lookup){ .subject = subject, .key = c->key, .next = l->first };
	l->first = &l->of[which];
}

/* The subject is asked for first. */
static void lookups_init(struct ctx *c, struct lookups *ret)
{
	*ret = (struct lookups){ 0 };
	complete_key(c);
	want(c, ret, GRANTS, c->endpoint->needs ? &grants_of_caller : NULL);
	for (int i = ENDPOINT_READS_MAX - 1; i >= 0; i--)
		want(c, ret, READS + i, c->endpoint->reads[i]);
	want(c, ret, SUBJECT, c->endpoint->subject);
}

static enum err take_subject(struct ctx *c, const struct subject_lookup *l)
{
	if (!l->subject)
		return ERR_OK;
	if (l->result == ERR_OK)
		c->subject = l->row;
	if (l->result == ERR_NOT_FOUND && c->endpoint->flags & ROW_BODY_FIRST)
		return ERR_OK;
	if (l->result == ERR_NOT_FOUND && c->endpoint->flags & ROW_COUNTS && l->key->id)
		return ERR_OK;
	if (l->result == ERR_NOT_FOUND && c->endpoint->missing_as)
		return refused(c->service, c->endpoint->missing_as);
	return l->result;
}

static enum err take_lookups(struct ctx *c, const struct lookups *l)
{
	enum err e = take_subject(c, &l->of[SUBJECT]);

	for (int i = 0; i < ENDPOINT_READS_MAX && e == ERR_OK; i++) {
		const struct subject_lookup *read = &l->of[READS + i];

		if (read->subject && read->result == ERR_OK)
			c->read[i] = read->row;
		else if (read->result != ERR_NOT_FOUND)
			e = read->result;
	}
	return e;
}

/* What belongs to a space that was deleted opens nothing any more, though it may still be there. */
static enum err take_space_of_caller(struct ctx *c)
{
	struct identity *who = &c->caller->identity;
	const struct space *space;
	enum err e = space_by_domain(c->service, who->domain, &space);

	if (e != ERR_OK)
		return e;
	if (!space)
		return who->method == IDENTITY_JWT ? ERR_TOKEN_REVOKED : ERR_UNAUTHENTICATED;
	who->super = space->super;
	who->space_expired = space->expired;
	return ERR_OK;
}

/* The credential, of spaces as they are now. */
static enum err prove(struct ctx *c, struct subject_lookup *also)
{
	enum err e = credential_prove(c, also), changed = ERR_OK;

	if (credential_is_outdated(c))
		changed = space_list_check(c->service, NULL);
	if (changed != ERR_OK)
		return changed;
	if (e != ERR_OK)
		return e;
	identity_count_key(c->service, &c->caller->identity);
	return take_space_of_caller(c);
}

static enum err prove_and_judge(struct ctx *c, struct subject_lookup *also)
{
	enum err e = prove(c, also);

	if (e == ERR_RETRY)
		return e;
	if (e != ERR_OK)
		return refuse_within_rate(c, e);
	e = count_request(c);
	if (e == ERR_OK)
		e = check_openness(c);
	if (e == ERR_OK)
		e = credential_check_claimed(c);
	return e == ERR_OK ? check_identity(c) : e;
}

/* The identity and all else in one exchange, where the credential tells in it who is calling. */
static enum err pass_with_credential(struct ctx *c)
{
	struct lookups l;
	enum err e;

	lookups_init(c, &l);
	e = prove_and_judge(c, l.first);
	if (e != ERR_OK)
		return e;
	c->key->caller_id = c->caller->identity.account_id;
	subject_find(c->service, l.first);
	e = check_capability(c, &l.of[GRANTS]);
	return e == ERR_OK ? take_lookups(c, &l) : e;
}

static enum err pass_public(struct ctx *c)
{
	struct lookups l;
	enum err e = ERR_OK;

	lookups_init(c, &l);
	if (c->endpoint->flags & ROW_ANY_HOST)
		subject_find(c->service, l.first);
	else
		e = space_list_check(c->service, l.first);
	return e == ERR_OK ? take_lookups(c, &l) : e;
}

static enum err pass_once(struct ctx *c)
{
	enum err e = find_space(c);

	if (e != ERR_OK)
		return e;
	return c->endpoint->auth == AUTH_PUBLIC ? pass_public(c) : pass_with_credential(c);
}

/* What was found so far was found in a space as it was before. */
static void begin_again(struct ctx *c, const struct subject_key *read)
{
	*c->caller = (struct caller){ .deprecated = c->caller->deprecated };
	c->subject = NULL;
	memset(c->read, 0, sizeof(c->read));
	*c->key = *read;
}

/* What the path does not name is zero; the page is read when it is asked for first. */
static struct subject_key *key_of(struct ctx *c)
{
	if (!c->key)
		c->key = arena_alloc(c->arena, sizeof(*c->key));
	if (c->key->page == 0 && endpoint_result(c->endpoint) == RESULT_PAGE)
		c->key->page = paging_page(c->request, c->arena);
	return c->key;
}

/* Others would wait for what may be long. */
static bool is_quick(const struct subject *s)
{
	return !s || !subject_may_be_long(s);
}

static bool reads_quick_ones_only(const struct endpoint *row)
{
	for (int i = 0; i < ENDPOINT_READS_MAX; i++)
		if (!is_quick(row->reads[i]))
			return false;
	return is_quick(row->subject);
}

/* For a third party, which may take seconds: others would wait with it. */
static bool may_wait(const struct endpoint *row)
{
	for (int i = 0; i < ENDPOINT_REFUSALS_MAX; i++)
		if (row->refusals[i] == &waiting_full)
			return true;
	return false;
}

bool auth_is_for_all(const struct ctx *c)
{
	return c->endpoint->auth == AUTH_PUBLIC && (c->endpoint->flags & ROW_ANY_HOST);
}

bool auth_can_be_ahead(const struct ctx *c)
{
	const struct endpoint *row = c->endpoint;

	return row->auth != AUTH_PUBLIC && c->request->method == METHOD_GET &&
	       endpoint_is_repeatable(row) && row->exchanges <= 1 && reads_quick_ones_only(row) &&
	       !may_wait(row) && !c->caller->deprecated.present && credential_can_be_ahead(c);
}

/* A guess at what auth_pass() will ask.  A list of spaces that is old is good enough for it, as it always is when
 * exchanges take long. */
void auth_ahead(struct ctx *c)
{
	const struct subject_key key = *key_of(c);
	struct lookups l;

	if (!(c->endpoint->flags & ROW_ANY_HOST)) {
		c->caller->space = space_known_by_host(c->service, c->request->host);
		if (!c->caller->space)
			return;
	}
	lookups_init(c, &l);
	credential_ahead(c, l.first);
	begin_again(c, &key);
}

enum err auth_pass(struct ctx *c)
{
	enum err e;

	if (is_internal(c) && !c->request->internal)
		return ERR_NOT_FOUND;
	if (c->caller->deprecated.present && c->endpoint->family != FAMILY_CTI)
		return ERR_NOT_FOUND;
	if (c->endpoint->flags & ROW_DANGEROUS && !c->service->settings->dangerous_endpoints)
		return ERR_NOT_FOUND;
	e = is_strangers(c) ? rate_take_network(c->service) : ERR_OK;
	if (e == ERR_OK && c->endpoint->flags & ROW_TOKENS)
		e = rate_take_token(c->service);
	if (e != ERR_OK)
		return e;
	const struct subject_key key = *key_of(c);

	e = pass_once(c);
	for (int tries = 1; e == ERR_RETRY && tries < TRIES_MAX; tries++) {
		begin_again(c, &key);
		e = pass_once(c);
	}
	return e == ERR_RETRY ? ERR_UNAVAILABLE : e;
}
