#include "crypto/service_token.h"

#include <jwt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* One that is encrypted would have its password asked for at the terminal. */
static bool is_readable(const char *pem)
{
	return strstr(pem, "PRIVATE KEY-----") && !strstr(pem, "ENCRYPTED");
}

static char *encode(jwt_t *jwt, const struct service_token *t)
{
	static const jwt_alg_t algorithms[] = {
		[SERVICE_TOKEN_RS256] = JWT_ALG_RS256, [SERVICE_TOKEN_ES256] = JWT_ALG_ES256
	};

	if (!is_readable(t->pem) ||
		jwt_set_alg(jwt, algorithms[t->algorithm], (const unsigned char *)t->pem,
			(int)strlen(t->pem)) != 0 ||
		jwt_add_header(jwt, "kid", t->key_id) != 0 ||
		jwt_add_grants_json(jwt, t->claims) != 0)
		return NULL;
	return jwt_encode_str(jwt);
}

enum err service_token_make(const struct service_token *t, struct arena *arena, const char **ret)
{
	char *text;
	jwt_t *jwt;

	if (jwt_new(&jwt) != 0)
		return ERR_INTERNAL;
	text = encode(jwt, t);
	if (text)
		*ret = arena_strdup(arena, text);
	free(text);
	jwt_free(jwt);
	return text ? ERR_OK : ERR_INVALID;
}
