/* calls.h - between a link and its codec: carries out what the codec wants asked and sent, and
 * hands it what came. */
#ifndef BRIDGE_UPSTREAM_LINK_CALLS_H
#define BRIDGE_UPSTREAM_LINK_CALLS_H

#include "bridge/upstream/state.h"

/* The codec's next step: as codec_calls.plan. plan is zeroed by the caller, and cleared. */
enum call_step link_calls_plan(struct link *link, const struct call_result *previous,
			       struct call_plan *plan);
void link_calls_clear(struct call_plan *plan);

/* Makes a request of the login: next is called with what it brought. Borrows request. */
void link_calls_ask(struct link *link, const struct call_request *request,
		    void (*next)(struct link *, const struct call_result *));

/* Makes the socket, within so many ms. Borrows plan. */
void link_calls_connect(struct link *link, const struct call_plan *plan, uint32_t within_ms);

/* A frame (borrowed) that came: to the codec. */
void link_calls_hear(struct link *link, struct slice text);

/* A ping, in the dialect's way. */
void link_calls_ping(struct link *link);

/* Says an item now. False: the socket does not take it now. Not REASON_NONE in *why: it cannot be
 * said, and is still the caller's. */
bool link_calls_say(struct link *link, struct saying_item *item, enum reason *why);

/* Asks for what was said there last. False: the dialect has none, or it is not to be had now. */
bool link_calls_history(struct link *link, uint32_t count);

/* How long to stay away, when the server says so many seconds: an hour at most. */
uint64_t link_wanted_ms(uint32_t retry_after_s);

/* Says goodbye to the server, behind all that was said, if the socket is open: link_calls_drop()
 * follows. The link may have failed by then. */
void link_calls_goodbye(struct link *link);

/* Ends the socket and the requests; all: also those by which something is said, which goes on
 * otherwise: what became of it may still be told. */
void link_calls_drop(struct link *link, bool all);

/* Is there such a request? */
bool link_calls_under_way(const struct link *link);

#endif
