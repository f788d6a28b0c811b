/* link.h - one login at a server that we call: it is made, kept alive, and made again; what is to
 * be said goes through it in order, and what it hears goes to listening.h.
 *
 * It is never freed within a callback of its own: link_end() marks it, and upstreams_tick() and
 * whoever begins a round of them frees what is marked. The thread of its upstream. */
#ifndef BRIDGE_UPSTREAM_LINK_LINK_H
#define BRIDGE_UPSTREAM_LINK_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/upstream/link/say.h"
#include "bridge/upstream/state.h"

/* "down", "asking", ...: constant. */
const char *link_state_name(enum link_state state);

/* A copy of a text, as a link owns its own; an absent one stays absent. Returns new. */
struct slice link_keep(struct slice text);

/* Makes one, which begins with the next tick; account is borrowed for the call. Returns new, which
 * the upstream owns. */
struct link *link_new(struct upstream *upstream, const struct call_account *account);

/* Begins now, if it is down, its time has come, and not too many of its upstream are under way:
 * else with a later tick. */
void link_begin(struct link *link);

/* Its login is done. For link_ops.up. */
void link_is_up(struct link *link);

/* It is over: whatever waits is refused for that reason. */
void link_end(struct link *link, enum reason reason);

/* Frees it. Not in a callback of its own. */
void link_free(struct link *link);

/* Connects anew, later: for why (borrowed). refused: the login was. retry_after_s: as the server
 * said; 0: it did not. */
void link_fail(struct link *link, struct slice why, bool refused, uint32_t retry_after_s);

/* What waits was accepted before this server started: where that server has a history, it is said
 * only if that does not have it. Before the link begins. */
void link_doubt(struct link *link);

/* An operator wants it to rest: it says goodbye, and is down until link_resume(); what waits goes
 * on waiting. Not in a callback of its own; upstream->paused is set. */
void link_pause(struct link *link);

/* Begins at once. */
void link_resume(struct link *link);

/* Timers. */
void link_tick(struct link *link);

#endif
