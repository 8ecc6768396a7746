/*
 * The few pages that people look at in a browser: a heading, a sentence, perhaps a link, perhaps a form with a
 * button.  They have no script and no style, and load nothing, so that nginx can forbid all of these
 * (Content-Security-Policy).
 */
#ifndef DIALTONE_HTTP_PAGE_H
#define DIALTONE_HTTP_PAGE_H

#include "base/arena.h"
#include "base/text.h"
#include "text/language.h"

struct ctx;

#define PAGE_TYPE "text/html; charset=utf-8"

/* Where it leads, what is to be read there, and above it a drawing that stands for the same: SVG (image/qr.h). */
struct page_link {
	const char *url, *label, *svg;
};

/* In the reader's language; anything but control characters. */
struct page_text {
	const char *title, *sentence; /* sentence may be NULL */
	const struct page_link *link; /* NULL: none */
};

/* A value that is typed: its name, what stands beside it, the type and the autofill of HTML ("password",
 * "new-password"). */
struct page_input {
	const char *name, *label, *type, *autofill;
};

/* A button that sends one value, and those that are typed, to `action`.  action NULL: to the address of the page;
 * name NULL: there is no such value. */
struct page_form {
	const char *action, *name, *value, *button;
	const struct page_input *inputs; /* ended by one without a name; NULL: none */
};

/* form NULL: nothing to press. In the arena. */
const char *page_html(struct arena *a, enum language lang, const struct page_text *text,
	const struct page_form *form);

/* For handlers of a RESULT_HTML: the text in the reader's language; the page of two of them, form as above. */
const char *page_words(const struct ctx *c, const struct text *t);
enum err page_show(struct ctx *c, const struct text *title, const struct text *sentence,
	const struct page_form *form);

#endif
