/* What pages of other origins may send: the same to the API as to relays. */
#ifndef DIALTONE_BASE_CORS_H
#define DIALTONE_BASE_CORS_H

#define CORS_REQUEST_HEADERS "Authorization, Content-Type"

#endif
