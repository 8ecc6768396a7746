#include "provisioning_priv.h"

#include "xml/lpconfig.h"

/* Four times the longest entries, as the longest escape is. */
#define DOCUMENT_MAX (1u << 20)

/* In quotes (RFC 3261, 25.1). */
static const char *quoted(struct arena *a, const char *text)
{
	char *out = arena_alloc(a, 2 * strlen(text) + 3), *at = out;

	*at++ = '"';
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			*at++ = '\\';
		*at++ = *text;
	}
	*at = '"';
	return out;
}

static void add_identity(struct service *s, const struct provisioned *p, struct lpconfig *c)
{
	const char *uri = arena_printf(s->arena, "<sip:%s@%s>", p->username, p->domain);
	bool has_name = p->display_name && *p->display_name;

	lpconfig_replace(c, "proxy_0", "reg_identity",
		has_name ? arena_printf(s->arena, "%s %s", quoted(s->arena, p->display_name), uri)
			 : uri);
	if (!s->settings->provisioning_v22_entries)
		return;
	if (!lpconfig_has(c, "proxy_0", "reg_sendregister"))
		lpconfig_set_int(c, "proxy_0", "reg_sendregister", 1);
	if (!lpconfig_has(c, "proxy_0", "refkey"))
		lpconfig_set(c, "proxy_0", "refkey", "push_notification");
}

/* One, though two may be stored: a phone that is given two of a user takes the second for a correction of the
 * first (Linphone's library 5.1). */
static void add_password(const struct provisioned *p, struct lpconfig *c)
{
	bool md5 = p->md5 && (!p->sha256 || str_is(str_from(p->default_algorithm), "MD5"));
	const char *ha1 = md5 ? p->md5 : p->sha256;

	if (!ha1)
		return;
	lpconfig_replace(c, "auth_info_0", "username", p->username);
	lpconfig_replace(c, "auth_info_0", "domain", p->domain);
	lpconfig_replace(c, "auth_info_0", "ha1", ha1);
	lpconfig_replace(c, "auth_info_0", "realm", p->realm);
	lpconfig_replace(c, "auth_info_0", "algorithm", md5 ? "MD5" : "SHA-256");
}

static void add_app(const struct provisioned *p, struct lpconfig *c)
{
	if (lpconfig_has_section(c, "ui"))
		return;
#define X(name, what) lpconfig_set_int(c, "ui", #name, p->name);
	SPACE_APP_SWITCHES(X)
#undef X
	lpconfig_set_int(c, "ui", "max_account", p->max_account);
}

static enum err add_entries(struct service *s, const struct provisioned *p, struct lpconfig *c)
{
	struct str entries = str_from(p->entries);
	enum err e = entries.n ? ERR_OK : provisioning_rc_file(s, p->space_domain, &entries);

	if (e == ERR_OK)
		lpconfig_add_ini(c, entries);
	return e;
}

static enum err write_out(
	struct service *s, const struct lpconfig *c, bool overwrite, struct str *ret)
{
	struct buf out;

	buf_init(&out, DOCUMENT_MAX);
	enum err e = lpconfig_xml(c, overwrite, &out);

	if (e == ERR_OK)
		*ret = (struct str){ arena_strndup(s->arena, out.p, out.n), out.n };
	buf_wipe(&out);
	buf_finish(&out);
	return e == ERR_OK ? ERR_OK : ERR_INTERNAL;
}

enum err provisioning_write(struct service *s, const struct provisioning_site *site,
	const struct provisioned *p, struct str *ret)
{
	struct lpconfig *c = lpconfig_new(s->arena);
	enum err e = add_entries(s, p, c);

	if (e != ERR_OK)
		return e;
	lpconfig_set(c, "misc", "contacts-vcard-list",
		arena_printf(s->arena, "%s/contacts/vcard", site->url));
	if (p->account_id) {
		if (s->settings->provisioning_transient)
			lpconfig_replace(c, "misc", "transient_provisioning", "1");
		add_app(p, c);
		add_identity(s, p, c);
		add_password(p, c);
	}
	return write_out(s, c, p->overwrite, ret);
}
