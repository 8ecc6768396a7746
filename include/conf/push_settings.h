/* What pushes notifications to devices, and what it is known by there (gateways/push.h). "" is none. */
#ifndef DIALTONE_CONF_PUSH_SETTINGS_H
#define DIALTONE_CONF_PUSH_SETTINGS_H

enum push_backend { PUSH_NONE, PUSH_NATIVE, PUSH_FLEXISIP };
/* Words of the setting push_backend. */
extern const char *const push_backends[];

struct push_settings {
	unsigned backend;          /* enum push_backend */
	const char *fcm_directory; /* of service account files, <pn_param>.json */
	const char *fcm_url;
	const char *apns_key_file, *apns_key_id, *apns_team_id;
	const char *apns_url, *apns_sandbox_url;
	const char *flexisip_pusher;      /* path of the program */
	const char *flexisip_pusher_keys; /* "param:key param:key"; secret */
};

#endif
