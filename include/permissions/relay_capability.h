/*
 * The capabilities that relays ask for themselves, declared once for those who tell them (the copy of
 * a session, the API's answer, `perm`) and for the relay, which keeps a bit for each.
 *
 * Which rooms a user may enter is not among them: rooms are told by name (permissions/permissions.h).
 */
#ifndef DIALTONE_PERMISSIONS_RELAY_CAPABILITY_H
#define DIALTONE_PERMISSIONS_RELAY_CAPABILITY_H

/* Name of the bit, name in profiles (cti-api 2.4, 2.8). */
#define RELAY_CAPABILITIES(X)                             \
	X(SCREEN_SHARING, "nethvoice_cti.screen_sharing") \
	X(TRANSCRIPTION, "nethvoice_cti.satellite_stt")

enum relay_capability {
#define X(name, text) RELAY_CAPABILITY_##name,
	RELAY_CAPABILITIES(X)
#undef X
		RELAY_CAPABILITY_COUNT /* at most 8 */
};

extern const char *const relay_capability_names[RELAY_CAPABILITY_COUNT];

#endif
