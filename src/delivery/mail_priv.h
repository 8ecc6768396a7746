/* What the files of the mail back end share: what a mail says, how it is written down, who sends it. */
#ifndef DIALTONE_DELIVERY_MAIL_PRIV_H
#define DIALTONE_DELIVERY_MAIL_PRIV_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "delivery/mail_templates.h"
#include "text/language.h"

#define MAIL_MAX ((size_t)256 << 10) /* bytes of a whole message */

/* mail_message.c: RFC 5322, with MIME. */

struct mail_message {
	const char *from_name;         /* NULL: none */
	const char *from_address, *to; /* email_check() has seen them */
	const char *subject;
	const char *mark, *domain; /* Message-ID */
	const char *language;      /* tag */
	int64_t date_us;
	const char *text, *html; /* html NULL: text alone; lines end with LF */
};

/* 7-bit, no line over 78 bytes but what cannot be folded; control characters of headers become spaces. */
void mail_message_write(struct buf *out, const struct mail_message *m);

/* mail_kind.c: the kinds of mails, and what each says. */

enum paragraph_form {
	PARAGRAPH_END,
	PARAGRAPH_TEXT,
	PARAGRAPH_LINK,
	PARAGRAPH_CODE,
	PARAGRAPH_IMAGE
};

struct paragraph {
	enum paragraph_form form;
	const struct text *text; /* TEXT */
	const char *fact;        /* the others */
};

/* Ended by a zeroed one. */
#define PARAGRAPHS_MAX 8

struct mail_kind {
	const char *name, *facts; /* a list */
	const struct text *subject;
	struct paragraph paragraphs[PARAGRAPHS_MAX];
};

extern const struct mail_kind mail_kinds[];
extern const size_t mail_kinds_count;

/* The next gap of a text: *rest begins behind it. False: there is none, and *ret_plain is the rest. */
bool mail_gap_next(struct str *rest, struct str *ret_plain, struct str *ret_name);

/* mail_text.c: what the kinds of mails say, by our own texts or an operator's. */

/* What stands for {name}. */
struct mail_value {
	const char *name, *value;
};
#define MAIL_VALUES_MAX 16

struct mail_facts {
	struct mail_value values[MAIL_VALUES_MAX];
	size_t n;
};
/* NULL: there is none. */
const char *mail_fact(const struct mail_facts *f, struct str name);

struct mail_text {
	const char *subject, *text;
	const char *html; /* NULL: none */
};
/* signature: the last lines of the text, or NULL.  False: there is no such kind of mail, or a fact is missing. */
bool mail_text_make(const struct mail_templates *own, const char *kind, enum language language,
	const struct mail_facts *facts, const char *signature, struct arena *arena,
	struct mail_text *ret);
/* "7 days", for the fact `validity`. */
const char *mail_validity(struct arena *arena, enum language language, int64_t minutes);

/* Puts values for the gaps {name}, escaped for HTML if it is; a gap without a value stays as it is. */
void mail_fill(struct buf *out, struct str text, const struct mail_facts *facts, bool html);

/* mail_templates.c */

struct mail_template {
	size_t kind;
	enum language language;
	const char *subject, *text, *html; /* html NULL: none */
};
/* NULL: the operator has none for it. */
const struct mail_template *mail_template_find(
	const struct mail_templates *t, size_t kind, enum language language);

#endif
