/* What the files of resources/provisioning share. */
#ifndef DIALTONE_RESOURCES_PROVISIONING_PRIV_H
#define DIALTONE_RESOURCES_PROVISIONING_PRIV_H

#include "resources/provisioning/provisioning.h"
#include "resources/spaces/fields.h"

/* What goes into a document. Texts of an account are NULL without one. */
struct provisioned {
	int64_t account_id; /* 0: none */
	const char *username, *domain, *realm, *display_name;
	const char *md5, *sha256; /* HA1; NULL where none is stored */
	bool second_factor;
	/* Of its space, or of the one that was asked. */
	const char *space_domain, *entries, *default_algorithm;
	bool overwrite;
	int64_t max_account;
#define X(name, what) bool name;
	SPACE_APP_SWITCHES(X)
#undef X
};

/* store.c.  All ERR_NOT_FOUND; hash: of a token, in hexadecimal. */
MUST_CHECK enum err provisioning_store_base(
	struct service *s, const char *domain, struct provisioned *ret);
MUST_CHECK enum err provisioning_store_account(
	struct service *s, int64_t account_id, struct provisioned *ret);
/* Uses it up and activates its account, in one statement. */
MUST_CHECK enum err provisioning_store_take(
	struct service *s, const char *domain, const char *hash, struct provisioned *ret);
MUST_CHECK enum err provisioning_store_state(
	struct service *s, const char *domain, const char *hash, struct provisioning_state *ret);

/* rc_file.c: the file of this space, empty when there is none.  ERR_UNAVAILABLE: it cannot be read; that is
 * logged. */
MUST_CHECK enum err provisioning_rc_file(struct service *s, const char *domain, struct str *ret);

#endif
