/*
 * All users of a domain, each with their devices: walked through once, from the lists that an endpoint reads.
 *
 *   struct cti_directory d = cti_directory_of(c->read[0], c->read[1]);
 *   while (cti_directory_next(&d)) ... d.user, d.devices, d.devices_n
 */
#ifndef DIALTONE_RESOURCES_CTI_USERS_DIRECTORY_H
#define DIALTONE_RESOURCES_CTI_USERS_DIRECTORY_H

#include "base/rows.h"
#include "resources/cti_users/fields.h"
#include "resources/extensions/fields.h"

struct cti_directory {
	/* The user it is at; a user without devices of their own has one all the same, until the next. */
	const struct cti_user *user;
	const struct extension *devices;
	size_t devices_n;
	/* Its own. */
	const struct cti_user *users;
	const struct extension *extensions;
	size_t users_left, extensions_left;
	struct extension only;
};

/* cti_users_of_domain, extensions_of_domain: in the same order of accounts. */
struct cti_directory cti_directory_of(const struct rows *users, const struct rows *extensions);
/* To the next user; false: there is none. */
bool cti_directory_next(struct cti_directory *d);

#endif
