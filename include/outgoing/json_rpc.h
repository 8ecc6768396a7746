/*
 * JSON-RPC 2.0 over HTTP: orders to a program of the operator's own, Kamailio say (sip-integration 3.2, 3.4).
 *
 * The address is a setting, and so its host may be private. One call at a time.
 */
#ifndef DIALTONE_OUTGOING_JSON_RPC_H
#define DIALTONE_OUTGOING_JSON_RPC_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct json_rpc_client;

/* url: as http_client.h wants one; kept. NULL: there is none (""), or no memory. */
struct json_rpc_client *json_rpc_new(const char *url);
void json_rpc_free(struct json_rpc_client **c);

/* params: a JSON array.  *ret_result, in the arena, is JSON; it may be NULL.
 *   ERR_NOT_FOUND    the server says 404: it knows no such thing
 *   ERR_CONFLICT     it refused for another reason; logged here
 *   ERR_UNAVAILABLE  there is no server (client NULL), no answer in time, or none that makes sense; logged here */
MUST_CHECK enum err json_rpc_call(struct json_rpc_client *client, const char *method,
	struct str params, int64_t until_ms, struct arena *arena, struct str *ret_result);

#endif
