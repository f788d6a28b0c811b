/* hearing.h - what is heard at a server that we call becomes something said in the room: its people
 * are people here (strangers.h), its ids ours (id_map.h), and what we said ourselves is known again
 * and not said twice. */
#ifndef BRIDGE_UPSTREAM_HEARING_H
#define BRIDGE_UPSTREAM_HEARING_H

#include "bridge/upstream/link.h"

/* Returns new, empty. */
struct heard_queue *heard_queue_new(void);
void heard_queue_free(struct heard_queue *queue); /* NULL is ignored */

/* From a link's codec. Borrow. */
void hearing_take(struct link *link, const struct call_heard *heard);
void hearing_known(struct link *link, const struct foreign_person *person, bool online);

/* What became of what was said here: ASKER_UPSTREAM's. */
void hearing_answered(struct upstream *upstream, uint64_t serial, const struct answer *answer);

/* Goes on with what waits for ids. */
void hearing_pump(struct upstream *upstream);

/* A message there is that one here, from now on, also after the next start. */
void hearing_map(struct upstream *upstream, struct slice theirs, uint64_t ours);

/* What was heard (borrowed), said here by who said it there. */
void hearing_said_by(struct upstream *upstream, const struct call_heard *heard);

/* An event, whose author and target are set, said here. id: what it is called there; absent: it is
 * not called anything. Borrows. */
void hearing_say(struct upstream *upstream, struct envelope *event, struct slice id);

#endif
