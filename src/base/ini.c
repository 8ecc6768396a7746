#include "base/ini.h"

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

static bool read_section(struct str line, struct str *ret)
{
	if (line.n < 3 || line.p[0] != '[' || line.p[line.n - 1] != ']')
		return false;
	*ret = str_trim((struct str){ line.p + 1, line.n - 2 });
	for (size_t i = 0; i < ret->n; i++)
		if (ret->p[i] == '[' || ret->p[i] == ']')
			return false;
	return ret->n > 0;
}

static struct str without_quotes(struct str s)
{
	bool quoted = s.n >= 2 && s.p[0] == s.p[s.n - 1] && (s.p[0] == '"' || s.p[0] == '\'');

	return quoted ? (struct str){ s.p + 1, s.n - 2 } : s;
}

static enum ini_kind read_entry(struct str line, struct ini_line *ret)
{
	struct str key = str_trim(str_split(&line, '='));

	if (!line.p || !is_key(key))
		return INI_WRONG;
	ret->key = key;
	ret->value = without_quotes(str_trim(line));
	return INI_ENTRY;
}

bool ini_next(struct ini *ini, struct ini_line *ret)
{
	struct str line, section;

	if (ini->rest.n == 0)
		return false;
	line = str_trim(str_split(&ini->rest, '\n'));
	*ret = (struct ini_line){ .kind = INI_BLANK };
	if (read_section(line, &section)) {
		ini->section = section;
		ret->kind = INI_SECTION;
	} else if (line.n && line.p[0] != ';' && line.p[0] != '#') {
		ret->kind = read_entry(line, ret);
	}
	ret->section = ini->section;
	return true;
}
