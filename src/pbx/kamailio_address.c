#include <string.h>

#include "base/sip_address.h"
#include "base/utf8.h"
#include "kamailio_priv.h"

#define ORDERING_USER "click2call" /* the proxy itself, when it calls for an order */
#define NOTHING       "<null>"     /* a variable that is not set */

static bool is_uri(const char *text)
{
	struct str rest = str_from(text), scheme = str_split(&rest, ':');

	return strchr(text, '<') || str_case_is(scheme, "sip") || str_case_is(scheme, "sips");
}

/* Without the parameters and headers of a URI, as Refer-To and the target of a forwarding have them. */
static const char *uri_alone(struct arena *arena, const char *text)
{
	const char *scheme = is_uri(text) ? "" : "sip:";
	const char *cut = arena_strndup(arena, text, strcspn(text, "?;"));
	bool open = strchr(cut, '<') && !strchr(cut, '>');

	return arena_printf(arena, "%s%s%s", scheme, cut, open ? ">" : "");
}

struct pbx_address kamailio_address(struct arena *arena, const char *text)
{
	struct sip_address a;
	char *user;

	if (!text || !*text || strcmp(text, NOTHING) == 0 || strlen(text) > KAMAILIO_TEXT_MAX ||
		!sip_address_from_header(arena, str_from(uri_alone(arena, text)), &a))
		return (struct pbx_address){ 0 };
	user = arena_strdup(arena, a.user);
	str_lower(user);
	return (struct pbx_address){ user, a.domain };
}

const char *kamailio_contact(struct arena *arena, const char *header)
{
	struct str s = str_trim(str_from(header)), rest = s;

	if (str_is(s, NOTHING))
		return NULL;
	str_split(&rest, '<');
	if (rest.p)
		s = str_split(&rest, '>');
	return s.n && s.n <= KAMAILIO_TEXT_MAX && !str_is(s, "*") ? arena_strndup(arena, s.p, s.n)
								  : NULL;
}

bool kamailio_is_own(const struct pbx_address *from)
{
	return from->user && strcmp(from->user, ORDERING_USER) == 0;
}

const char *kamailio_text(struct arena *arena, const char *text)
{
	size_t n = text && strcmp(text, NOTHING) != 0 ? strlen(text) : 0;

	if (n <= KAMAILIO_TEXT_MAX)
		return n ? text : NULL;
	n = KAMAILIO_TEXT_MAX;
	while (n && !utf8_is_valid(text, n))
		n--;
	return arena_strndup(arena, text, n);
}

void kamailio_place(
	struct arena *arena, const char *text, const char **ret_ip, const char **ret_port)
{
	struct str rest = str_from(text), place, ip;
	const char *at;

	str_split(&rest, ':');
	if (!rest.p)
		return;
	place = str_split(&rest, ';');
	at = memchr(place.p, '@', place.n);
	if (at)
		place = (struct str){ at + 1, place.n - (size_t)(at + 1 - place.p) };
	if (str_cut_prefix(&place, "[")) {
		ip = str_split(&place, ']');
		str_split(&place, ':');
	} else {
		ip = str_split(&place, ':');
	}
	*ret_ip = kamailio_text(arena, arena_strndup(arena, ip.p, ip.n));
	if (place.p)
		*ret_port = kamailio_text(arena, arena_strndup(arena, place.p, place.n));
}
