/*
 * The few pages that people look at in a browser: a heading, a sentence, perhaps a button.  They have no script,
 * no style and no picture, so that nginx can forbid all of these (Content-Security-Policy).
 */
#ifndef DIALTONE_HTTP_PAGE_H
#define DIALTONE_HTTP_PAGE_H

#include "base/arena.h"
#include "text/language.h"

#define PAGE_TYPE "text/html; charset=utf-8"

/* In the reader's language; anything but control characters. */
struct page_text {
	const char *title, *sentence; /* sentence may be NULL */
};

/* A button that sends one value to `action`. */
struct page_form {
	const char *action, *name, *value, *button;
};

/* form NULL: nothing to press. In the arena. */
const char *page_html(struct arena *a, enum language lang, const struct page_text *text,
	const struct page_form *form);

#endif
