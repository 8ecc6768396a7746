#include "delivery/shared.h"

#include <stdlib.h>

#include "base/mem.h"
#include "delivery/mail_templates.h"

enum err delivery_shared_new(const struct delivery_settings *settings,
	void (*tell)(void *arg, const char *mistake), void *arg, struct delivery_shared **ret)
{
	struct delivery_shared *s = mem_alloc(sizeof(*s));
	enum err e =
		mail_templates_load(settings->mail.mail_templates, tell, arg, &s->mail_templates);

	if (e == ERR_OK)
		*ret = s;
	else
		delivery_shared_free(&s);
	return e;
}

void delivery_shared_free(struct delivery_shared **s)
{
	if (!*s)
		return;
	mail_templates_free(&(*s)->mail_templates);
	free(*s);
	*s = NULL;
}
