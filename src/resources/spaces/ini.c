/* R-INI of accounts-api 5: entries of an INI file that leave to the space what is the space's. */
#include "spaces_priv.h"

#include "base/str.h"

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

static bool is_key_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.' || c == ':';
}

static bool is_key(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_key_character(s.p[i]))
			return false;
	return s.n > 0;
}

static bool is_section(struct str s)
{
	if (s.n < 3 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return false;
	for (size_t i = 1; i + 1 < s.n; i++)
		if (s.p[i] == '[' || s.p[i] == ']')
			return false;
	return true;
}

/* False when the line is none of an INI file; *ret_key is empty where it sets nothing. */
static bool read_line(struct str line, struct str *ret_key)
{
	*ret_key = STR("");
	line = str_trim(line);
	if (line.n == 0 || line.p[0] == ';' || line.p[0] == '#' || is_section(line))
		return true;
	struct str key = str_trim(str_split(&line, '='));

	*ret_key = key;
	return line.p && is_key(key);
}

static void mark(struct str key, bool found[RESERVED])
{
	for (size_t i = 0; reserved[i]; i++)
		found[i] |= str_case_is(key, reserved[i]);
}

void space_entries_rules(struct service *s, const char *name, const char *text)
{
	const char **named = arena_alloc(s->arena, RESERVED * sizeof(*named));
	struct str rest = str_from(text), key;
	bool found[RESERVED] = { false };
	size_t n = 0;

	while (rest.n) {
		if (!read_line(str_split(&rest, '\n'), &key)) {
			field_errors_add(s->errors, name, &text_ini);
			return;
		}
		mark(key, found);
	}
	for (size_t i = 0; reserved[i]; i++)
		if (found[i])
			named[n++] = reserved[i];
	if (n)
		field_errors_add_values(s->errors, name, &text_ini_reserved, named);
}
