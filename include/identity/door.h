/* The doors that a password, a key, a token or a code opens. */
#ifndef DIALTONE_IDENTITY_DOOR_H
#define DIALTONE_IDENTITY_DOOR_H

/* The first three are logins, and make a network known. */
enum door {
	DOOR_LOGIN,
	DOOR_HMAC_LOGIN,
	DOOR_DIGEST,
	DOOR_PASSWORD_AGAIN, /* of a session that has to show it once more */
	DOOR_API_KEY,
	DOOR_HMAC_TOKEN,
	/* Not counted here. */
	DOOR_JWT,
	DOOR_SECOND_FACTOR
};

#endif
