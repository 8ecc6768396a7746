/*
 * Which space a request is for: the HTTP host decides (accounts-api 2.1).
 *
 * The spaces are few and asked for by every request, so each process keeps them, and with each the key of its
 * identity provider.  Every change of a space, by whatever process, raises a number in the database: the gate
 * reads it together with the identity and, where it is another one than that of the list, takes the list anew
 * and begins again.  So no request is answered by spaces that were changed before it came.  Requests that
 * need nothing else of the database ask once a second; when that is away they go on with what is known.
 */
#ifndef DIALTONE_RESOURCES_SPACES_SPACE_H
#define DIALTONE_RESOURCES_SPACES_SPACE_H

#include "service/service.h"
#include "service/subject.h"
#include "resources/spaces/fields.h"

struct provider_key;

struct spaces *spaces_new(void);
void spaces_free(struct spaces **s);

/* host: lower-case, without port.  ERR_NOT_FOUND when no space has it; with single_space_fallback
 * the only space has every host.  *ret is borrowed until the list is taken anew, which this function and
 * space_list_check() alone do: for a request, until its end. */
MUST_CHECK enum err space_by_host(struct service *s, const char *host, const struct space **ret);
/* As it was when the list was last taken, which may be long ago; NULL where it was not in it. */
const struct space *space_known_by_host(const struct service *s, const char *host);
/* NULL in *ret when there is none. */
MUST_CHECK enum err space_by_domain(
	struct service *s, const char *domain, const struct space **ret);

/* Whether the list is the one of this number. */
bool space_list_is_current(const struct service *s, int64_t version);
/* Asks for the number, and `also` in the same exchange (NULL: nothing).  ERR_RETRY: there were changes, and
 * the list was taken anew. */
MUST_CHECK enum err space_list_check(struct service *s, struct subject_lookup *also);

/* Whether no other space is known, as space_by_host() last saw it. */
bool space_is_the_only_one(const struct service *s);

/* Of a space of the list; borrowed as it. NULL: none is configured. */
const struct provider_key *space_provider_key(const struct service *s, const struct space *space);

/* Whose tokens it takes; NULL: there is a key and no provider. */
const char *space_issuer(struct arena *arena, const struct space *space);

/* For crypto/seal: what the secret at its identity provider is bound to. */
extern const struct str space_client_secret_context;

/* All of them, by id; an array in that arena. */
MUST_CHECK enum err space_list(
	struct service *s, struct arena *arena, struct space **ret, size_t *ret_count);
/* Creates the space of this domain, or changes its host, name and super flag.  ERR_CONFLICT: another
 * space has the host or the name, or the one of this domain is being removed. */
MUST_CHECK enum err space_put(struct service *s, const char *domain, const char *host,
	const char *name, bool super, int64_t *ret_id);
/* "off", "optional" or "required", from now on; ERR_NOT_FOUND. */
MUST_CHECK enum err space_set_two_factor(
	struct service *s, const char *domain, const char *policy, int64_t grace_days);
/* Inside a transaction: no other request adds an account to the space before it ends. */
MUST_CHECK enum err space_lock(struct service *s, const char *domain);

#endif
