/*
 * The body of an error, made here and nowhere else (style.md section 4).
 *
 *   accounts   {"message": text, "errors": {field: [text, ...]}}      accounts-api 1.4
 *   CTI        {"code": status, "message": text, "data": null}        cti-api 1.0
 *   RFC 9457   application/problem+json, for a client that asks for it
 */
#ifndef DIALTONE_HTTP_ERROR_REPLY_H
#define DIALTONE_HTTP_ERROR_REPLY_H

#include "http/ctx.h"

/* Replaces whatever was answered so far, headers excepted. */
void error_reply(struct ctx *c, const struct refusal *r);

#endif
