/* Client certificates (accounts-api 3.5): nginx has verified them, the subject says whose they are. */
#include "auth_priv.h"

#include "base/distinguished_name.h"
#include "base/sip_address.h"
#include "resources/spaces/space.h"
#include "service/refusal.h"

static const struct refusal certificate_off = { 403, "certificate_off",
	"Client certificates open nothing in this space." };
static const struct refusal certificate_unknown = { 403, "certificate_unknown",
	"This client certificate names no account of this space." };

bool certificate_is_shown(const struct ctx *c)
{
	return c->endpoint->flags & ROW_CERTIFICATE &&
	       str_is(c->request->certificate_verified, "SUCCESS");
}

/* The account that the subject names by its SIP URI. */
static bool read_subject(const struct ctx *c, struct sip_address *ret)
{
	const char *name;

	return distinguished_name_common_name(c->arena, c->request->certificate_subject, &name) &&
	       sip_address_from_header(c->arena, str_from(name), ret);
}

/* The switch may have been thrown just now. */
static enum err refuse_all(struct ctx *c)
{
	enum err e = space_list_check(c->service, NULL);

	return e == ERR_OK ? refused(c->service, &certificate_off) : e;
}

enum err certificate_prove(struct ctx *c, struct subject_lookup *also)
{
	struct caller *by = c->caller;
	struct sip_address who;

	if (!by->space->client_certificates)
		return refuse_all(c);
	if (!read_subject(c, &who) || !str_is(str_from(who.domain), by->space->domain))
		return refused(c->service, &certificate_unknown);
	enum err e = identity_by_address(c->service, who.domain, who.user, also, &by->identity);

	if (e != ERR_OK)
		return e == ERR_NOT_FOUND ? refused(c->service, &certificate_unknown) : e;
	by->identity.method = IDENTITY_CERTIFICATE;
	by->identity.from_provider = false;
	return ERR_OK;
}
