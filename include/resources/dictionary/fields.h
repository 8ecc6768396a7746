/* An entry of an account's dictionary: a free text under a key (O-DICT, accounts-api section 4). */
#ifndef DIALTONE_RESOURCES_DICTIONARY_FIELDS_H
#define DIALTONE_RESOURCES_DICTIONARY_FIELDS_H

#include "base/field.h"

#define DICTIONARY_MAX_BYTES 65536 /* of one account, as JSON */

struct dictionary_entry {
	int64_t account_id;
	const char *key;
	const char *value; /* NULL: there is none under that key */
};
extern const struct field dictionary_entry_fields[];
extern const struct shape dictionary_entry_shape; /* "DictionaryEntry" */

#endif
