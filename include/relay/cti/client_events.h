/* The events clients send, and the rest of what Socket.IO tells of them. */
#ifndef DIALTONE_RELAY_CTI_CLIENT_EVENTS_H
#define DIALTONE_RELAY_CTI_CLIENT_EVENTS_H

#include "relay/sio/sio.h"

/* The application for a server, to be given with the struct cti as its arg. */
extern const struct sio_app cti_app;

#endif
