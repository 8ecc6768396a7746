/*
 * Whether bytes hold a whole FastCGI request (FastCGI 1.0, 3.3 and 5):
 *
 *   BEGIN_REQUEST, PARAMS ..., PARAMS of no length, STDIN ..., STDIN of no length
 *
 * It reads the heads of records, so that libfcgi is only called where it has nothing to wait for.  What
 * is in them is libfcgi's to read.
 */
#ifndef DIALTONE_HTTP_FCGI_WIRE_H
#define DIALTONE_HTTP_FCGI_WIRE_H

#include "base/str.h"

enum fcgi_wire {
	FCGI_WIRE_PART,  /* more has to come */
	FCGI_WIRE_WHOLE, /* one request, and nothing after it */
	FCGI_WIRE_BROKEN /* no web server sends this, or not here */
};

enum fcgi_wire fcgi_wire_look(struct str bytes);

#endif
