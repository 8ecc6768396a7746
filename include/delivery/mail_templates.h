/*
 * Mails as an operator words them, in the place of our own: files of one folder (the setting mail_templates).
 *
 *   email_change_code.fr.txt     Subject: Votre code\n\nVotre code {space} est {code}.\n
 *   email_change_code.fr.html    <p>Votre code {space} est <b>{code}</b>.</p>
 *
 * The first line of a .txt is the subject; without an .html beside it the mail is text alone.  What stands in
 * braces is a fact of that kind of mail; in HTML its value is escaped.  Languages without a file have our text.
 * They are read when the program starts and at SIGHUP.
 */
#ifndef DIALTONE_DELIVERY_MAIL_TEMPLATES_H
#define DIALTONE_DELIVERY_MAIL_TEMPLATES_H

#include "base/err.h"

struct mail_templates;

/* dir "": none.  Tells every mistake, a sentence each: a file of another name, an unknown fact in braces, no
 * subject, no UTF-8, too large.  ERR_INVALID: there were some. ERR_UNAVAILABLE: the folder cannot be read. */
MUST_CHECK enum err mail_templates_load(const char *dir,
	void (*tell)(void *arg, const char *mistake), void *arg, struct mail_templates **ret);
void mail_templates_free(struct mail_templates **t);

#endif
