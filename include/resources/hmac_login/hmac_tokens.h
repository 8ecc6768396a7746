/*
 * The tokens of the HMAC login in Redis: gone with it, by design (resources/hmac_login/hmac_login.h).
 */
#ifndef DIALTONE_RESOURCES_HMAC_LOGIN_HMAC_TOKENS_H
#define DIALTONE_RESOURCES_HMAC_LOGIN_HMAC_TOKENS_H

#include "redis/side.h"
#include "service/service.h"

/* side is kept. */
struct hmac_tokens hmac_tokens_in(struct redis_side *side);

#endif
