#include <stdio.h>

#include "base/buf.h"
#include "base/json_slice.h"
#include "base/vcard_line.h"
#include "resources/contacts/contact.h"

#define VCARD_MAX \
	((size_t)1 << 20) /* of one: names, and as many types and actions as there may be */
#define KEY_MAX  1024
#define PROPERTY "X-LINPHONE-ACCOUNT-"

static void add_line(struct buf *out, const char *name, const char *value)
{
	struct buf line;

	buf_init(&line, VCARD_MAX);
	buf_printf(&line, "%s:%s", name, value);
	vcard_line_add(out, buf_str(&line));
	buf_finish(&line);
}

static const char *member(struct str object, const char *name, char out[KEY_MAX])
{
	struct str value;
	size_t n;

	out[0] = '\0';
	if (json_slice_member(object, name, &value))
		(void)!json_slice_text(value, out, KEY_MAX, &n);
	return out;
}

static void add_types(struct buf *out, const char *types)
{
	struct str rest = str_from(types), type;
	char key[KEY_MAX];

	while (json_slice_next(&rest, NULL, &type))
		add_line(out, PROPERTY "TYPE", member(type, "key", key));
}

static void add_actions(struct buf *out, const char *actions)
{
	struct str rest = str_from(actions), action;
	char key[KEY_MAX], code[KEY_MAX], both[2 * KEY_MAX];

	while (json_slice_next(&rest, NULL, &action)) {
		snprintf(both, sizeof(both), "%s;%s", member(action, "key", key),
			member(action, "code", code));
		add_line(out, PROPERTY "ACTION", both);
	}
}

static void add_vcard(struct buf *out, const struct contact *c)
{
	const char *address = c->sip_uri + strlen("sip:");

	buf_add_str(out, "BEGIN:VCARD\nVERSION:4.0\nKIND:individual\n");
	add_line(out, "IMPP", c->sip_uri);
	vcard_text_add(out, "FN",
		str_from(c->display_name && *c->display_name ? c->display_name : address));
	if (c->dtmf_protocol)
		add_line(out, PROPERTY "DTMF-PROTOCOL", c->dtmf_protocol);
	add_types(out, c->types);
	if (c->dtmf_protocol)
		add_actions(out, c->actions);
	buf_add_str(out, "END:VCARD");
}

const char *contact_vcards(struct arena *arena, const struct contact *contacts, size_t n)
{
	struct buf out;
	const char *text;

	buf_init(&out, (n + 1) * VCARD_MAX);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_char(&out, '\n');
		add_vcard(&out, contacts + i);
	}
	text = arena_strndup(arena, out.n ? out.p : "", out.n);
	buf_finish(&out);
	return text;
}
