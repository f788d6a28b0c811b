/* relief.h - over the budget of all outboxes (bridge/client/relief/budget.h) the fullest
 * connections are cut. */
#ifndef BRIDGE_CLIENT_RELIEF_RELIEF_H
#define BRIDGE_CLIENT_RELIEF_RELIEF_H

#include <stdbool.h>

struct worker;

/* Cuts, fullest first, as long as the budget is not relieved. At the end of a turn, when all that
 * goes out has gone. True: some were cut, and have to be flushed. */
bool relief_turn(struct worker *worker);

#endif
