/* speaking.h - what is said in the room for a server that we call: by its people, and with its ids.
 */
#ifndef BRIDGE_UPSTREAM_SPEAKING_H
#define BRIDGE_UPSTREAM_SPEAKING_H

#include "bridge/upstream/state.h"

struct speaking;

/* Returns new, empty: what is said and not answered yet. */
struct speaking *speaking_new(void);
void speaking_free(struct speaking *speaking); /* NULL is ignored */

/* A message there is that one here, from now on, also after the next start. */
void speaking_map(struct upstream *upstream, struct slice theirs, uint64_t ours);

/* An event, whose author and target are set, said here. id: what it is called there; absent: it is
 * not called anything. Borrows. */
void speaking_say(struct upstream *upstream, struct envelope *event, struct slice id);

/* What was heard (borrowed), said here by who said it there. */
void speaking_by(struct upstream *upstream, const struct call_heard *heard);

/* What became of it: ASKER_UPSTREAM's. */
void speaking_answered(struct upstream *upstream, uint64_t serial, const struct answer *answer);

/* Is something said, and not answered yet? */
bool speaking_waits(const struct upstream *upstream);

#endif
