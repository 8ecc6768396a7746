#include "base/distinguished_name.h"

#include "base/utf8.h"

static bool is_type_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.';
}

static bool take_type(struct str *rest, struct str *ret)
{
	*ret = str_split(rest, '=');
	for (size_t i = 0; i < ret->n; i++)
		if (!is_type_character(ret->p[i]))
			return false;
	return ret->n > 0 && rest->p;
}

static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Behind a backslash: two hexadecimal digits, or the character itself. */
static bool take_escaped(struct str *rest, char *ret)
{
	int high = rest->n ? digit_of(rest->p[0]) : -1;
	int low = high >= 0 && rest->n > 1 ? digit_of(rest->p[1]) : -1;
	size_t used = low >= 0 ? 2 : 1;

	if (rest->n == 0 || (low < 0 && !memchr(" \"#+,;<=>\\", rest->p[0], 10)))
		return false;
	*ret = low >= 0 ? (char)(high * 16 + low) : rest->p[0];
	rest->p += used;
	rest->n -= used;
	return true;
}

/* Up to the sign that ends it, which stays. */
static bool take_value(struct str *rest, char *out)
{
	while (rest->n && *rest->p != ',' && *rest->p != '+') {
		char c = *rest->p;

		if (strchr("\";<>", c))
			return false;
		rest->p++;
		rest->n--;
		if (c == '\\' && !take_escaped(rest, &c))
			return false;
		if ((unsigned char)c < 0x20 || c == 0x7f)
			return false;
		*out++ = c;
	}
	*out = '\0';
	return true;
}

bool distinguished_name_common_name(struct arena *a, struct str name, const char **ret)
{
	const char *found = NULL;
	struct str type;

	for (struct str rest = name;; rest.p++, rest.n--) {
		char *value = arena_alloc(a, name.n + 1);

		if (!take_type(&rest, &type) || !take_value(&rest, value))
			return false;
		bool is_name = str_case_is(type, "CN");

		if (is_name && (found || !utf8_is_valid(value, strlen(value))))
			return false;
		if (is_name)
			found = value;
		if (rest.n == 0)
			break;
	}
	if (found)
		*ret = found;
	return found != NULL;
}
