#include "resources/creation_tokens/creation_token.h"

#include "base/clock.h"
#include "creation_tokens_priv.h"
#include "crypto/hash.h"
#include "crypto/random.h"

#define REQUEST_US (24 * 60 * CLOCK_MINUTE_US) /* accounts-api I.2 */

static const struct text text_bad_token = { "bad_token", "This token is unknown or already used." };
static const struct text text_token_expired = { "token_ended", "This token has expired." };

static struct token_row row_of(struct service *s, const char *domain, const char *token)
{
	return (struct token_row){ .hash = hash_text(s->arena, token),
		.domain = domain,
		.ip = s->client.ip,
		.user_agent = s->client.user_agent };
}

static int64_t creation_token_end(const struct service *s)
{
	int64_t minutes = s->settings->account_creation_token_expiration_minutes;

	return minutes ? clock_wall_us() + minutes * CLOCK_MINUTE_US : 0;
}

enum err creation_token_make(struct service *s, const char *domain, struct creation_token *ret)
{
	const char *token = random_token(s->arena, CREATION_TOKEN_LENGTH);
	struct token_row row = row_of(s, domain, token);

	row.expires_at = creation_token_end(s);
	enum err e = creation_store_add(s, &row, ret);

	ret->token = token;
	return e;
}

enum err creation_token_hold(struct service *s, const char *domain, const char *token)
{
	struct token_row row = row_of(s, domain, token);
	struct token_state state = { 0 };
	enum err e = creation_store_hold(s, &row, &state);

	if (e == ERR_NOT_FOUND || (e == ERR_OK && state.used))
		field_errors_add(s->errors, "account_creation_token", &text_bad_token);
	else if (e == ERR_OK && state.expired)
		field_errors_add(s->errors, "account_creation_token", &text_token_expired);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err creation_token_take(struct service *s, const char *domain, const char *token,
	int64_t account_id, struct creation_token *ret)
{
	struct token_row row = row_of(s, domain, token);

	row.account_id = account_id;
	enum err e = creation_store_take(s, &row, ret);

	ret->token = token;
	/* The account was deleted meanwhile. */
	return e == ERR_CONFLICT ? ERR_NOT_FOUND : e;
}

enum err request_token_make(struct service *s, const char *domain, struct request_token *ret)
{
	const char *token = random_token(s->arena, CREATION_TOKEN_LENGTH);
	struct token_row row = row_of(s, domain, token);

	row.expires_at = clock_wall_us() + REQUEST_US;
	ret->token = token;
	return request_store_add(s, &row);
}

enum err request_token_validate(struct service *s, const char *domain, const char *token)
{
	struct token_row row = row_of(s, domain, token);

	return request_store_validate(s, &row);
}

/* Not confirmed yet, or too late, is for the client to know; a wrong token is a wrong field. */
static enum err why_not(struct service *s, const struct token_row *row)
{
	struct token_state state;
	enum err e = request_store_state(s, row, &state);

	if (e == ERR_OK && !state.used)
		return ERR_NOT_FOUND;
	if (e != ERR_OK && e != ERR_NOT_FOUND)
		return e;
	field_errors_add(s->errors, "account_creation_request_token", &text_bad_token);
	return ERR_INVALID;
}

enum err request_token_exchange(
	struct service *s, const char *domain, const char *token, struct creation_token *ret)
{
	const char *fresh = random_token(s->arena, CREATION_TOKEN_LENGTH);
	struct token_row row = row_of(s, domain, token);

	row.new_hash = hash_text(s->arena, fresh);
	row.expires_at = creation_token_end(s);
	enum err e = request_store_exchange(s, &row, ret);

	ret->token = fresh;
	return e == ERR_NOT_FOUND ? why_not(s, &row) : e;
}
