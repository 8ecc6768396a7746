#include "resources/push/fields.h"

#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

const char *const push_providers[] = { "apns", "apns.dev", "fcm", NULL };

const struct text *push_param_check(struct str s)
{
	return str_is_made_of(s, LETTERS_DIGITS "_.") ? NULL : &text_format;
}

/* What begins with a dash would be an option of the program that sends the notification. */
const struct text *push_prid_check(struct str s)
{
	return str_is_made_of(s, LETTERS_DIGITS "_:-") && s.p[0] != '-' ? NULL : &text_format;
}

const struct text *push_call_id_check(struct str s)
{
	return str_is_made_of(s, LETTERS_DIGITS "_~@.-") ? NULL : &text_format;
}
