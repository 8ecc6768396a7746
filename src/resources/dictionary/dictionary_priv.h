/* Dictionaries in the database. */
#ifndef DIALTONE_RESOURCES_DICTIONARY_DICTIONARY_PRIV_H
#define DIALTONE_RESOURCES_DICTIONARY_DICTIONARY_PRIV_H

#include "resources/dictionary/fields.h"
#include "service/service.h"

/* ERR_LIMIT: it would be too large. */
MUST_CHECK enum err dictionary_store_set(struct service *s, const struct dictionary_entry *e);

#endif
