/*
 * Every way an operation can end badly, declared once.
 *
 * Each row: name, HTTP status, key, text in English, French and Italian.  The key is a promise to
 * clients (it is the `type` of a problem document); the text is what a client reads when nothing
 * better is known.  NULL is "as in English": the CTI texts are compared by clients.  From these rows
 * come `enum err`, `err_table`, the OpenAPI responses and the reference page.
 *
 * Rows whose status is 0 never reach a client: they are outcomes between our own layers.
 */
#ifndef DIALTONE_BASE_ERR_CODES_H
#define DIALTONE_BASE_ERR_CODES_H

/* clang-format off */
#define ERR_CODES(X) \
	X(BAD_REQUEST, 400, "bad_request", "The request is not understood.", NULL, NULL) \
	X(BAD_JSON, 400, "bad_json", "Invalid JSON", NULL, NULL) \
	X(UNAUTHENTICATED, 401, "unauthenticated", "Authentication is required.", \
	  "Une authentification est nécessaire.", \
	  "È necessaria l'autenticazione.") \
	X(FROM_REQUIRED, 401, "from_required", "From header is required or invalid token", NULL, NULL) \
	X(FROM_INVALID, 401, "from_invalid", "Invalid SIP address", NULL, NULL) \
	X(API_KEY_INVALID, 401, "api_key_invalid", "Invalid API Key", NULL, NULL) \
	X(DIGEST_STALE, 401, "digest_stale", "Nonce expired", NULL, NULL) \
	X(DIGEST_INVALID, 401, "digest_invalid", "Nonce invalid", NULL, NULL) \
	X(DIGEST_REPLAYED, 401, "digest_replayed", "Nonce replayed", NULL, NULL) \
	X(DIGEST_ALGORITHM, 401, "digest_algorithm", "Wrong algorithm", NULL, NULL) \
	X(DIGEST_REFUSED, 401, "digest_refused", "Unauthorized", NULL, NULL) \
	X(DIGEST_NOT_ENOUGH, 403, "digest_not_enough", \
		"This account has a second factor: DIGEST opens only what its phones need", \
		"Ce compte a un second facteur : DIGEST n'ouvre que ce dont ses téléphones ont besoin", \
		"Questo account ha un secondo fattore: DIGEST apre solo ciò che serve ai suoi telefoni") \
	X(TOKEN_MISSING, 401, "token_missing", "missing token", NULL, NULL) \
	X(TOKEN_INVALID, 401, "token_invalid", "invalid token", NULL, NULL) \
	X(TOKEN_EXPIRED, 401, "token_expired", "token is expired", NULL, NULL) \
	X(TOKEN_REVOKED, 401, "token_revoked", "token revoked", NULL, NULL) \
	X(LOGIN_INCOMPLETE, 401, "login_incomplete", "missing Username or Password", NULL, NULL) \
	X(LOGIN_REFUSED, 401, "login_refused", "incorrect Username or Password", NULL, NULL) \
	X(PASSWORD_WRONG, 401, "password_wrong", "invalid password", NULL, NULL) \
	X(FIELDS_MALFORMED, 400, "fields_malformed", "request fields malformed", NULL, NULL) \
	X(PASSWORD_MISSING, 400, "password_missing", "password is required", NULL, NULL) \
	X(DISABLE_PASSWORD_MISSING, 400, "disable_password_missing", \
	  "password is required to disable 2FA", NULL, NULL) \
	X(OTP_NO_SECRET, 400, "otp_no_secret", "user secret not found", NULL, NULL) \
	X(OTP_WRONG, 400, "otp_wrong", "invalid_otp", NULL, NULL) \
	X(TWO_FACTOR_OFF, 400, "two_factor_off", "2FA is not enabled", NULL, NULL) \
	X(AUDIENCE_INVALID, 400, "audience_invalid", "invalid audience", NULL, NULL) \
	X(FORBIDDEN, 403, "forbidden", "You may not access this resource.", \
	  "Vous ne pouvez pas accéder à cette ressource.", \
	  "Non puoi accedere a questa risorsa.") \
	X(OTP_REQUIRED, 403, "otp_required", "otp verification required", NULL, NULL) \
	X(CAPABILITY_MISSING, 403, "capability_missing", "forbidden: missing capability", NULL, NULL) \
	X(TWO_FACTOR_REQUIRED, 403, "two_factor_required", "2FA must be set up", NULL, NULL) \
	X(TWO_FACTOR_MANDATORY, 403, "two_factor_mandatory", "2FA is mandatory", NULL, NULL) \
	X(TWO_FACTOR_FORBIDDEN, 403, "two_factor_forbidden", "2FA is not available", NULL, NULL) \
	X(USERNAME_MISMATCH, 403, "username_mismatch", "username mismatch", NULL, NULL) \
	X(AUDIENCE_REFUSED, 403, "audience_refused", "this token is not for this call", NULL, NULL) \
	X(CROSS_SITE, 403, "cross_site", "A cookie opens nothing for another site.", NULL, NULL) \
	X(BLOCKED, 403, "blocked", "This account is blocked.", \
	  "Ce compte est bloqué.", \
	  "Questo account è bloccato.") \
	X(SPACE_EXPIRED, 403, "space_expired", "This space has expired.", \
	  "Cet espace a expiré.", \
	  "Questo spazio è scaduto.") \
	X(SPACE_FULL, 403, "space_full", "This space cannot hold more accounts.", \
	  "Cet espace ne peut accueillir d'autres comptes.", \
	  "Questo spazio non può contenere altri account.") \
	X(NOT_FOUND, 404, "not_found", "No such resource.", \
	  "Ressource introuvable.", \
	  "Risorsa non trovata.") \
	X(METHOD_NOT_ALLOWED, 405, "method_not_allowed", "This method is not available here.", NULL, NULL) \
	X(CONFLICT, 409, "conflict", "This conflicts with what is stored.", NULL, NULL) \
	X(DEPRECATED_GONE, 410, "legacy_gone", "legacy authentication is no longer available", NULL, NULL) \
	X(TWO_FACTOR_ON, 409, "two_factor_on", "2FA already enabled", NULL, NULL) \
	X(GONE, 410, "gone", "This is no longer available.", NULL, NULL) \
	X(TOO_LARGE, 413, "too_large", "request body too large", NULL, NULL) \
	X(UNSUPPORTED_TYPE, 415, "unsupported_type", "This content type is not understood.", NULL, NULL) \
	X(INVALID, 422, "invalid", "Some parameters are not acceptable.", \
	  "Certains paramètres ne sont pas acceptables.", \
	  "Alcuni parametri non sono accettabili.") \
	X(THROTTLED, 429, "throttled", "Too many requests, retry later.", \
	  "Trop de requêtes, réessayez plus tard.", \
	  "Troppe richieste, riprova più tardi.") \
	X(TOO_MANY, 429, "too_many", "too many requests", NULL, NULL) \
	X(INTERNAL, 500, "internal", "The server failed.", NULL, NULL) \
	X(NOT_IMPLEMENTED, 501, "not_implemented", "This is not offered here.", NULL, NULL) \
	X(UNAVAILABLE, 503, "unavailable", "The service is not available, retry later.", \
	  "Le service n'est pas disponible, réessayez plus tard.", \
	  "Il servizio non è disponibile, riprova più tardi.") \
	X(LOGIN_UNAVAILABLE, 503, "login_unavailable", "authentication backend unavailable", NULL, NULL) \
	X(AGAIN, 0, "again", "more input is needed", NULL, NULL) \
	X(PROTOCOL, 0, "protocol", "the peer broke the protocol", NULL, NULL) \
	X(LIMIT, 0, "limit", "a limit was passed", NULL, NULL) \
	X(RETRY, 0, "retry", "the transaction must be run again", NULL, NULL)
/* clang-format on */

#endif
