/* order.h - the rooms that one worker owns: takes the mail that asks for an order, and posts what
 * follows from it to every worker that has members. */
#ifndef BRIDGE_ORDER_ORDER_H
#define BRIDGE_ORDER_ORDER_H

#include "bridge/core/mailbox.h"
#include "bridge/core/worker.h"
#include "routes/room/forget.h"

/* POST_ENTER, POST_LEAVE, POST_DRAFT, POST_QUERY, POST_LOCATE, POST_MEMBERS, POST_LOOK. Borrows the
 * post; takes out what it keeps. */
void order_enter(struct worker *worker, struct post *post);
void order_leave(struct worker *worker, struct post *post);
void order_draft(struct worker *worker, struct post *post);

/* A draft as POST_DRAFT has it, whose room is known: judged here, now. Borrows; takes out what it
 * keeps. For bridge/upstream, of what a server behind the room has agreed to. */
void order_agreed(struct worker *worker, struct post_draft *draft);

void order_query(struct worker *worker, struct post *post);
void order_locate(struct worker *worker, struct post *post);
void order_members(struct worker *worker, struct post *post);
void order_look(struct worker *worker, struct post *post);

/* Which workers have members of a room that this worker owns: a bit each. */
uint32_t order_workers(const struct room_entry *room);

/* Ends what is due. */
void order_tick(struct worker *worker);

/* Orders an event that the bridge itself says in a room that this worker owns. Takes event. */
enum reason order_say(struct worker *worker, struct room_entry *room, struct envelope *event);

/* Forgets a person (borrows; room_forget()) in a room that this worker owns and that is there:
 * whoever is there is told that the messages are removed, and that their poll is over. Not
 * REASON_NONE: it cannot be stored now, and nothing is done. */
enum reason order_forget(struct worker *worker, struct room_entry *room,
			 const struct person *person, struct room_forgotten *forgotten);

#endif
