#include "call_forwardings_priv.h"

#include <string.h>

static const struct text text_kind_taken = { "forwarding_kind_taken",
	"There is a call forwarding of this kind already." };
static const struct text text_not_a_contact = { "forwarding_not_a_contact",
	"The {f} has to be a contact of the account." };
static const struct text text_excludes = {
	"forwarding_excludes",
	"A call forwarding that is always in force and one for some calls cannot both be enabled."
};

static bool is(const char *text, const char *word)
{
	return strcmp(text, word) == 0;
}

static struct call_forwarding wanted(const struct call_forwarding_input *in)
{
	bool to_contact = is(in->forward_to, "contact"), to_uri = is(in->forward_to, "sip_uri");

	return (struct call_forwarding){ .type = is(in->type, "away") ? "no_answer" : in->type,
		.forward_to = in->forward_to,
		.sip_uri = to_uri ? in->sip_uri : NULL,
		.contact_id = to_contact ? in->contact_id : 0,
		.enabled = in->enabled == TRI_TRUE };
}

static void check_target(
	struct service *s, const struct call_forwarding *f, const struct forwarding_neighbours *n)
{
	if (is(f->forward_to, "sip_uri") && !f->sip_uri)
		field_errors_add(s->errors, "sip_uri", &text_required);
	if (!is(f->forward_to, "contact"))
		return;
	if (f->contact_id == 0)
		field_errors_add(s->errors, "contact_id", &text_required);
	else if (!n->is_contact)
		field_errors_add(s->errors, "contact_id", &text_not_a_contact);
}

/* f is what is to be stored; `type` the kind that was asked for. */
static enum err check(struct service *s, const struct call_forwarding *f, const char *type)
{
	struct call_forwarding asked = *f;
	struct forwarding_neighbours n;
	enum err e;

	asked.type = type;
	e = call_forwarding_store_look(s, &asked, &n);
	if (e != ERR_OK)
		return e;
	if (n.same_type)
		field_errors_add(s->errors, "type", &text_kind_taken);
	check_target(s, f, &n);
	if (f->enabled && (is(f->type, "always") ? n.other : n.always))
		field_errors_add(s->errors, "enabled", &text_excludes);
	return s->errors->count ? ERR_INVALID : ERR_OK;
}

enum err call_forwarding_create(struct service *s, int64_t account_id,
	const struct call_forwarding_input *in, struct call_forwarding *ret)
{
	struct call_forwarding f = wanted(in);
	enum err e;

	f.account_id = account_id;
	e = check(s, &f, f.type);
	return e == ERR_OK ? call_forwarding_store_insert(s, &f, ret) : e;
}

enum err call_forwarding_update(struct service *s, const struct call_forwarding *now,
	const struct call_forwarding_input *in, struct call_forwarding *ret)
{
	struct call_forwarding f = wanted(in);
	const char *type = f.type;
	enum err e;

	f.id = now->id;
	f.account_id = now->account_id;
	f.type = now->type;
	e = check(s, &f, type);
	return e == ERR_OK ? call_forwarding_store_update(s, &f, ret) : e;
}
