/*
 * Unicode Normalization Form C (UAX 15): the one form of user names and passwords (accounts-api 2.5), however the
 * keyboard they were typed on composes its letters.
 */
#ifndef DIALTONE_BASE_NFC_H
#define DIALTONE_BASE_NFC_H

#include "base/arena.h"
#include "base/str.h"

/* The texts of a request that this form has changed, the last one first. Zeroed: none yet. */
struct nfc_changes {
	struct nfc_change *last;
};

/* A copy in NFC, with a NUL behind it; what is no UTF-8 stays as it is, and so does what has more
 * than 30 marks on a letter.  With `changes`, nfc_as_sent() tells how it was. */
struct str nfc_text(struct arena *a, struct str text, struct nfc_changes *changes);

/* How a text of nfc_text() was before: itself where nothing was changed. changes NULL: nothing was. */
const char *nfc_as_sent(const struct nfc_changes *changes, const char *text);

#endif
