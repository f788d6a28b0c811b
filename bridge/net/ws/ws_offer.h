/* ws_offer.h - Sec-WebSocket-Extensions: what a client offers, and what is taken of it: RFC 6455
 * (9.1) and RFC 7692 (5 and 7.1). Called by whoever answers the upgrade request. Pure;
 * any thread. */
#ifndef BRIDGE_NET_WS_WS_OFFER_H
#define BRIDGE_NET_WS_WS_OFFER_H

#include <stdbool.h>

#include "codecs/text/slice.h"

enum ws_offer {
	WS_OFFER_NONE,  /* nothing that is known here, or nothing acceptable: go on without */
	WS_OFFER_TAKEN, /* permessage-deflate, on the terms */
	WS_OFFER_BAD,   /* it breaks the grammar: the answer is 400 */
};

/* The value of the answer's header, with its NUL. */
#define WS_ANSWER_SIZE 112

struct ws_terms {
	char answer[WS_ANSWER_SIZE];
	/* Whether what ws_deflate_message() makes may be sent. False: the client's window is
	 * smaller than that of ours, and it is sent plain frames, which is always allowed. */
	bool compress;
};

/* Judges the header's value (borrows; several headers of the name are joined by commas first), and
 * takes the first offer that is acceptable. An offer is declined when it has a parameter that is
 * unknown, twice there, without a value where one is needed or with one where none is allowed, or
 * with a value that is not 8 to 15. *terms is set with WS_OFFER_TAKEN only.
 *
 * Both sides are told to take over no context, which a server may say unasked (RFC 7692 sections
 * 7.1.1.1 and 7.1.1.2). A client may have any window, so client_max_window_bits is not answered. */
enum ws_offer ws_offer_judge(struct slice value, struct ws_terms *terms);

#endif
