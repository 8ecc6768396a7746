#include "resources/dictionary/dictionary.h"

#include "base/utf8.h"
#include "dictionary_priv.h"
#include "service/refusal.h"

#include <string.h>

enum err dictionary_set(struct service *s, const struct dictionary_entry *now, const char *value,
	struct dictionary_entry *ret)
{
	struct dictionary_entry made = *now;

	if (utf8_length(now->key, strlen(now->key)) > DICT_NAME_MAX)
		field_errors_add_limit(s->errors, "key", &text_max_len, DICT_NAME_MAX);
	if (s->errors->count)
		return ERR_INVALID;
	made.value = value;
	enum err e = dictionary_store_set(s, &made);

	*ret = made;
	return e == ERR_LIMIT ? refused(s, &limit_reached) : e;
}
