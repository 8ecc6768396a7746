/* What calls to servers of others go by, of every program that makes some (outgoing/http_client.h). */
#ifndef DIALTONE_CONF_OUTGOING_SETTINGS_H
#define DIALTONE_CONF_OUTGOING_SETTINGS_H

struct outgoing_settings {
	const char *
		private_places; /* list of hosts, addresses and networks that may be reached, private or not */
	const char *ca_file; /* certificates of authorities; "": those of the system */
};

#endif
