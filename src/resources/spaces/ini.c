/* R-INI of accounts-api 5: entries of an INI file that leave to the space what is the space's. */
#include "spaces_priv.h"

#include "base/ini.h"

static const struct text text_ini = { "space_entries",
	"The {f} value must be lines of the form key=value below a [section]." };
static const struct text text_ini_reserved = { "space_entries_reserved",
	"The {f} value must not set what the space sets itself: {values}." };

static const char *const reserved[] = { "account_proxy_registrar_address",
	"assistant_disable_qr_code", "assistant_hide_create_account",
	"assistant_hide_third_party_account", "copyright_text", "disable_broadcast_feature",
	"disable_call_recordings_feature", "disable_chat_feature", "disable_meetings_feature",
	"hide_account_settings", "hide_settings", "intro_registration_text", "max_account",
	"newsletter_registration_address", "only_display_sip_uri_username", NULL };

#define RESERVED (sizeof(reserved) / sizeof(reserved[0]))

static void mark(struct str key, bool found[RESERVED])
{
	for (size_t i = 0; reserved[i]; i++)
		found[i] |= str_case_is(key, reserved[i]);
}

void space_entries_rules(struct service *s, const char *name, const char *text)
{
	const char **named = arena_alloc(s->arena, RESERVED * sizeof(*named));
	struct ini ini = { .rest = str_from(text) };
	bool found[RESERVED] = { false };
	struct ini_line line;
	size_t n = 0;

	while (ini_next(&ini, &line)) {
		if (line.kind == INI_WRONG || (line.kind == INI_ENTRY && !line.section.n)) {
			field_errors_add(s->errors, name, &text_ini);
			return;
		}
		mark(line.key, found);
	}
	for (size_t i = 0; reserved[i]; i++)
		if (found[i])
			named[n++] = reserved[i];
	if (n)
		field_errors_add_values(s->errors, name, &text_ini_reserved, named);
}
