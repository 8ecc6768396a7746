/*
 * What a relay does by itself, spread evenly so that thousands of clients never cost one long turn.
 *
 * The look at live clients goes round: each tick takes as many from the front of the round as are
 * due, so that each is looked at once in check_ms, and fractions are owed to the next tick.
 */
#ifndef DIALTONE_RELAY_CTI_ROUND_H
#define DIALTONE_RELAY_CTI_ROUND_H

#include "base/deadline.h"

void round_on_tick(struct deadline *d, int64_t now_ms);
void round_on_beat(struct deadline *d, int64_t now_ms);

#endif
