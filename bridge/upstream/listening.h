/* listening.h - what is heard at a server that we call becomes something said in the room: its
 * people are people here (strangers.h), its ids ours (id_map.h), and what we said ourselves is
 * known again and not said twice. */
#ifndef BRIDGE_UPSTREAM_LISTENING_H
#define BRIDGE_UPSTREAM_LISTENING_H

#include "bridge/upstream/state.h"

/* Returns new, empty. */
struct heard_queue *heard_queue_new(void);
void heard_queue_free(struct heard_queue *queue); /* NULL is ignored */

/* From a link's codec. Borrow. */
void listening_take(struct link *link, const struct call_heard *heard);
void listening_known(struct link *link, const struct foreign_person *person, bool online,
		     struct slice trail);

/* Goes on with what waits for ids. */
void listening_pump(struct upstream *upstream);

#endif
