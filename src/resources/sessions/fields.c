#include "resources/sessions/fields.h"

const struct field session_fields[] = {
	FIELD_TEXT(session, jti, .doc = "Identifier of the session"),
	FIELD_TEXT(session, audience, .doc = "Program of a persistent token; null for a login",
		.example = "nethlink"),
	FIELD_TEXT(session, ip, .column = "host(ip)", .doc = "Address it was opened from"),
	FIELD_TEXT(session, user_agent, .doc = "Program it was opened with"),
	FIELD_BOOL(session, otp_verified, .doc = "A one-time password was given"),
	FIELD_TIME(session, issued_at, .doc = "When it was opened"),
	FIELD_TIME(session, expires_at, .doc = "When it ends by itself"),
	FIELD_TIME(session, last_used_at, .doc = "When it was last used, to the minute"),
	FIELD_BOOL(session, current, .flags = FIELD_COMPUTED, .doc = "It is the one that asks"),
	FIELDS_END,
};

const struct shape session_shape = { "Session", session_fields, sizeof(struct session) };
