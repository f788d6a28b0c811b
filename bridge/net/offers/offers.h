/* offers.h - what a listener has for browsers beside its dialects: the files of a page, and the
 * JSON that the page of the demo needs:
 *
 *     /setup.json     {"mounts":[{"dialect","path","room","id","cannot"}]}: the dialect's own id of
 *                     the room, and why kinds of events are not shown there: {"KIND":"why"}
 *     /operator.json  what the board says (bridge/core/board/board.h); null: nothing yet
 *     /explain.json   what became of the message of ?id=, see lookup.h; null: not yet
 *
 * The last two are for who asks from this machine, and not by a proxy. Called by connection.c, on
 * the worker's thread. */
#ifndef BRIDGE_NET_OFFERS_OFFERS_H
#define BRIDGE_NET_OFFERS_OFFERS_H

#include <stdbool.h>

#include "bridge/net/pages/pages.h"
#include "bridge/net/requests.h"

struct offer {
	struct page_answer page; /* its answer is the one to give; may borrow from text */
	char *text;              /* owned; NULL: none */
};

/* False: there is nothing of that kind, and nothing to be cleared. Borrows both for the call. */
bool offer_make(const struct request_place *place, const struct http_request *request,
		struct offer *offer) __attribute__((warn_unused_result));

void offer_clear(struct offer *offer);

#endif
