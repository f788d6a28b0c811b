/* trails.h - a link to another Dragoman: what goes through it says which ones it came through
 * (codecs/model/trail.h), and what has been there does not go there again. */
#ifndef BRIDGE_UPSTREAM_LINK_TRAILS_H
#define BRIDGE_UPSTREAM_LINK_TRAILS_H

#include "bridge/upstream/state.h"

/* Its socket is open, and led to that instance (borrowed; absent: it is no Dragoman). */
void link_trail_meet(struct link *link, struct slice instance);

/* The trail of what was heard with that one (borrowed; absent: none): what another Dragoman tells
 * without one is its own. Written to out, of TRAIL_MAX bytes, or trail itself; absent: it has none.
 */
struct slice link_trail_heard(const struct link *link, struct slice trail, char *out);

/* Has it left here before? */
bool link_trail_came_back(const struct link *link, struct slice trail);

/* Has what is to be said been there? */
bool link_trail_comes_back(const struct link *link, const struct saying_item *item);

/* Did it come through as many as it may? */
bool link_trail_is_full(const struct link *link, const struct saying_item *item);

/* Adds its trail to the words in which an item is said, if they are an object. */
void link_trail_put(const struct link *link, const struct saying_item *item,
		    struct json_writer *words);

/* A draft that is said there before it is ordered here: takes it, returns it with a trail. */
struct envelope *link_trail_begin(const struct link *link, struct envelope *draft);

#endif
