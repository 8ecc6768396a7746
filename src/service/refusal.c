#include "service/refusal.h"

const struct refusal fields_malformed = { 400, "fields_malformed",
	UNTRANSLATED("request fields malformed") };

const struct refusal limit_reached = { 403, "limit_reached",
	"There are as many of these as can be kept." };

const struct refusal not_implemented = { 501, "not_implemented",
	UNTRANSLATED("This is not offered here.") };

enum err refused(struct service *s, const struct refusal *r)
{
	s->refusal = r;
	return ERR_REFUSED;
}

bool refused_as(const struct service *s, enum err e, const struct refusal *r)
{
	return e == ERR_REFUSED && s->refusal == r;
}

const struct refusal *refusal_of(const struct service *s, enum err e)
{
	return e == ERR_REFUSED ? s->refusal : &err_table[e].told;
}
