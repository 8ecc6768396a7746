/* How to reach the TURN server (accounts-api II.16). */
#include "base/json_schema.h"
#include "http/ctx.h"
#include "resources/turn/turn.h"

static const struct field credentials_fields[] = {
	FIELD_TEXT(turn_credentials, username, .doc = "Its end, in Unix time, and a random part",
		.example = "1798758000:h3o1PmJZb2ZVqkSd"),
	FIELD_TEXT(turn_credentials, password, .flags = FIELD_SECRET,
		.doc = "HMAC-SHA-1 of the user name, in base64"),
	FIELD_INT(turn_credentials, ttl, .doc = "Seconds for which they are good"),
	FIELD_JSON(turn_credentials, uris, .doc = "Where the server is",
		.schema = SCHEMA_LIST(SCHEMA_TEXT), .example = "[\"turn:turn.example.org\"]"),
	FIELDS_END,
};
static const struct shape credentials_shape = { "TurnCredentials", credentials_fields,
	sizeof(struct turn_credentials) };

static enum err my_turn_credentials(struct ctx *c)
{
	return turn_make_credentials(c->service, c->out);
}

const struct endpoint turn_endpoints[] = {
	{ GET("/api/accounts/me/services/turn"), .auth = AUTH_USER, .tag = "My account",
		.open_to = OPEN_PHONE, .out = &credentials_shape, HANDLE(my_turn_credentials),
		.summary = "Get credentials for the TURN server; 404 where there is none" },
	ENDPOINTS_END,
};
