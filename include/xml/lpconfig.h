/*
 * The document that configures a Linphone phone: sections with entries, as XML (accounts-api 10.2,
 * xmlns http://www.linphone.org/xsds/lpconfig.xsd), written by libxml2.
 *
 * A phone keeps what it reads as lines "key=value" of an INI file.  So names and values are one line of UTF-8
 * here, whatever they are made of: control characters are left out, what is no UTF-8 becomes U+FFFD, and nothing
 * that is put into one section can appear in another one.
 */
#ifndef DIALTONE_XML_LPCONFIG_H
#define DIALTONE_XML_LPCONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct lpconfig;

/* In the arena. */
struct lpconfig *lpconfig_new(struct arena *a);
/* The entries of an INI text; what is none, or stands above the first section, is left out. */
void lpconfig_add_ini(struct lpconfig *c, struct str text);
/* Sections come in the order in which they were first named, their entries likewise.  An entry that is there
 * already is replaced. */
void lpconfig_set(struct lpconfig *c, const char *section, const char *key, const char *value);
/* The same, and the phone is to take it in the place of what it has; older ones keep that otherwise. */
void lpconfig_replace(struct lpconfig *c, const char *section, const char *key, const char *value);
void lpconfig_set_int(struct lpconfig *c, const char *section, const char *key, int64_t value);
bool lpconfig_has_section(const struct lpconfig *c, const char *section);
bool lpconfig_has(const struct lpconfig *c, const char *section, const char *key);
/* Appends the document; replace_all: all entries are as those of lpconfig_replace().  ERR_LIMIT: it does not fit. */
MUST_CHECK enum err lpconfig_xml(const struct lpconfig *c, bool replace_all, struct buf *out);

#endif
