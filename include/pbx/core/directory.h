/*
 * Whose a SIP address is, as the core of dialtone-pbx asks it.
 *
 * A user has devices, which register and ring, and a main number, which stands for all of them.  A user without
 * devices of their own has one: the account itself (resources/extensions/extension.h).
 */
#ifndef DIALTONE_PBX_CORE_DIRECTORY_H
#define DIALTONE_PBX_CORE_DIRECTORY_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "pbx/core/event.h"

struct pbx_device {
	const char *exten; /* as GET /api/user/me and /api/astproxy/extensions name it */
	const char *user;  /* it registers as user@domain */
	const char *type;  /* "webrtc", "mobile", "nethlink", "physical" */
};

struct pbx_user {
	int64_t account_id;
	const char *username, *domain, *name;
	const char *main_extension;
	const char *voicemail; /* mailbox; NULL: the main extension */
	const struct pbx_device *devices;
	size_t devices_n; /* never 0 */
};

/* What the user has chosen to be. */
struct pbx_presence {
	const char *status, *to; /* "online", "dnd", "callforward" ...; to: of callforward */
};

struct pbx_directory {
	/* The user with a device, a main extension or an account of that address. ERR_NOT_FOUND: it is not of
	 * ours.  ERR_UNAVAILABLE: not known now. */
	enum err (*find)(void *ctx, const struct pbx_address *address, struct arena *arena,
		struct pbx_user *ret);
	/* As it is now. */
	enum err (*presence)(
		void *ctx, int64_t account_id, struct arena *arena, struct pbx_presence *ret);
	void *ctx;
};

#endif
