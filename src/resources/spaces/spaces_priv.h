/* What the files of resources/spaces share. */
#ifndef DIALTONE_RESOURCES_SPACES_PRIV_H
#define DIALTONE_RESOURCES_SPACES_PRIV_H

#include "base/text.h"
#include "resources/spaces/record.h"
#include "service/subject.h"

/* store.c: the number that every change of a space raises; `also` is looked up in the same exchange. */
MUST_CHECK enum err space_store_version(
	struct service *s, struct subject_lookup *also, int64_t *ret);

/* store_records.c. */
struct space_taken {
	bool domain, ends, host,
		name; /* ends: the domain is that of a space that is being removed */
};

/* By other spaces than the one with this id (0: a new one). */
MUST_CHECK enum err space_store_taken(
	struct service *s, const struct space_record *in, struct space_taken *ret);
/* ERR_LIMIT: there are SPACES_MAX. */
MUST_CHECK enum err space_store_insert(
	struct service *s, const struct space_record *in, int64_t *ret_id);
/* ERR_NOT_FOUND. */
MUST_CHECK enum err space_store_update(struct service *s, const struct space_record *in);
MUST_CHECK enum err space_store_end(struct service *s, const char *domain);
/* Accounts of the domain. */
MUST_CHECK enum err space_store_count(struct service *s, const char *domain, int64_t *ret);
/* E-mail addresses that several of its accounts have, ten at most; ended by NULL. */
MUST_CHECK enum err space_store_shared_emails(
	struct service *s, const char *domain, const char *const **ret, size_t *ret_count);

/* An identity provider as it is asked for and stored; what was not given is NULL or TRI_UNSET. */
struct space_provider {
	int64_t space_id;
	const char *server_url, *realm, *sip_identifier, *public_key, *audience, *client_id;
	const char *client_secret;
	struct str client_secret_sealed; /* none: the stored one stays */
	enum tri auto_provisioning, role_provisioning;
};

/* store_provider.c */
MUST_CHECK enum err space_store_put_provider(struct service *s, const struct space_provider *p);
MUST_CHECK enum err space_store_drop_provider(struct service *s, int64_t space_id);

/* provider.c: what `json` asks for.  Adds to s->errors. */
void space_provider_read(struct service *s, const char *json, struct space_provider *ret);
/* Of the space with this id, which takes no tokens of others when json is "null", and goes on as it does
 * when it is NULL. */
MUST_CHECK enum err space_provider_put(
	struct service *s, int64_t space_id, const char *json, struct space_provider *p);
/* A realm stands in header lines, between quotes. */
const struct text *space_realm_check(struct str s);

/* ini.c: R-INI.  Adds to s->errors under this name. */
void space_entries_rules(struct service *s, const char *name, const char *text);

#endif
