/*
 * Kamailio as a PBX (sip-integration 3.3): its script publishes events on the channel sip:events of the site's
 * Redis; its registrations stand in its own table in our database, and its calls are asked for by JSON-RPC.
 */
#ifndef DIALTONE_PBX_KAMAILIO_H
#define DIALTONE_PBX_KAMAILIO_H

#include "pbx/back_end.h"

extern const struct back_end_kind kamailio;

#endif
