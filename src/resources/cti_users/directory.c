#include "resources/cti_users/directory.h"

#include "resources/extensions/extension.h"

struct cti_directory cti_directory_of(const struct rows *users, const struct rows *extensions)
{
	return (struct cti_directory){ .users = users->items,
		.extensions = extensions->items,
		.users_left = users->n,
		.extensions_left = extensions->n };
}

static void skip_extension(struct cti_directory *d)
{
	d->extensions++;
	d->extensions_left--;
}

/* Those of users who are not listed, the blocked ones say, are passed over. */
static void take_devices(struct cti_directory *d)
{
	int64_t owner = d->user->account_id;

	while (d->extensions_left && d->extensions->account_id < owner)
		skip_extension(d);
	d->devices = d->extensions;
	for (d->devices_n = 0; d->extensions_left && d->extensions->account_id == owner;
		d->devices_n++)
		skip_extension(d);
}

bool cti_directory_next(struct cti_directory *d)
{
	if (d->users_left == 0)
		return false;
	d->user = d->users++;
	d->users_left--;
	take_devices(d);
	if (d->devices_n == 0) {
		d->only = extension_of_account(
			d->user->account_id, d->user->username, d->user->display_name);
		d->devices = &d->only;
		d->devices_n = 1;
	}
	return true;
}
