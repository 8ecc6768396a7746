/* What the attempts of one process share: read or made once, and again at SIGHUP. */
#ifndef DIALTONE_DELIVERY_SHARED_H
#define DIALTONE_DELIVERY_SHARED_H

#include "base/err.h"
#include "conf/settings.h"

struct mail_templates;

struct delivery_shared {
	struct mail_templates *mail_templates;
};

/* Tells every mistake, a sentence each.  ERR_INVALID, ERR_UNAVAILABLE: there were some. */
MUST_CHECK enum err delivery_shared_new(const struct delivery_settings *settings,
	void (*tell)(void *arg, const char *mistake), void *arg, struct delivery_shared **ret);
void delivery_shared_free(struct delivery_shared **s);

#endif
