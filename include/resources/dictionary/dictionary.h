/*
 * The dictionary of an account, entry by entry (accounts-api I.12).
 *
 * It is one object in the account's row, so that every answer about an account has it without a join.
 * Each change is one UPDATE whose new value is computed from the locked row: of changes at the same time
 * none is lost.
 */
#ifndef DIALTONE_RESOURCES_DICTIONARY_DICTIONARY_H
#define DIALTONE_RESOURCES_DICTIONARY_DICTIONARY_H

#include "base/subject.h"
#include "resources/dictionary/fields.h"
#include "service/service.h"

/* {id}, {key}: struct dictionary_entry; an account without that entry is there all the same. */
extern const struct subject dictionary_entry_subject;

/* Makes or replaces it; `value` NULL: it was no good, which s->errors says already.  ERR_INVALID: so is
 * the key; limit_reached. */
MUST_CHECK enum err dictionary_set(struct service *s, const struct dictionary_entry *now,
	const char *value, struct dictionary_entry *ret);
MUST_CHECK enum err dictionary_remove(
	struct service *s, const struct dictionary_entry *e, int64_t *ret_count);
MUST_CHECK enum err dictionary_clear(struct service *s, int64_t account_id, int64_t *ret_count);

#endif
