/* An attempt that is a dialogue with a gateway (gateways/dialogue.h). */
#ifndef DIALTONE_DELIVERY_GATEWAY_H
#define DIALTONE_DELIVERY_GATEWAY_H

#include "delivery/backend.h"
#include "gateways/dialogue.h"

/* Makes its calls beside those of others, and ends the attempt as it ends.  d lives in the attempt's arena. */
void gateway_run(struct attempt *a, struct dialogue *d);

#endif
