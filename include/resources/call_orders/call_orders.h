/*
 * Orders of clients to phones: call, hang up, answer (cti-api 4.2, sip-integration 3.4).
 *
 * A browser or desktop app is told by an event to do it itself; for other phones the proxy does it.  Users order their
 * own devices, and those of others of their domain with presence_panel.ad_phone and .hangup.
 */
#ifndef DIALTONE_RESOURCES_CALL_ORDERS_CALL_ORDERS_H
#define DIALTONE_RESOURCES_CALL_ORDERS_CALL_ORDERS_H

#include "resources/call_orders/fields.h"
#include "service/caller.h"
#include "service/service.h"

/* 409: there is none, or no longer. */
extern const struct refusal call_unknown;

/* Whether there is anything that carries them out. */
bool call_orders_are_taken(const struct service *s);

/* ERR_FORBIDDEN: the device is none of the caller's domain, or the caller may not order it.  sip_server_away
 * (service/sip_request.h), waiting_full. */
MUST_CHECK enum err call_order_call(
	struct service *s, const struct identity *by, const struct call_order *o);
/* not_implemented besides: such a phone takes no orders. */
MUST_CHECK enum err call_order_answer(
	struct service *s, const struct identity *by, const struct call_order *o);
/* call_unknown besides; ERR_UNAVAILABLE: what calls there are is not known now.  only_outgoing: a call that the device
 * makes and that is not answered yet. */
MUST_CHECK enum err call_order_hangup(struct service *s, const struct identity *by,
	const struct call_order *o, bool only_outgoing);

#endif
