/* order.h - the homes on one worker: takes the mail that asks for an order, and posts what
 * follows from it to every worker that has members. */
#ifndef BRIDGE_ORDER_ORDER_H
#define BRIDGE_ORDER_ORDER_H

#include "bridge/core/mailbox.h"
#include "bridge/core/worker.h"

/* POST_ENTER, POST_LEAVE, POST_DRAFT, POST_QUERY, POST_LOCATE, POST_MEMBERS. Borrows the post;
 * takes out what it keeps. */
void homes_enter(struct worker *worker, struct post *post);
void homes_leave(struct worker *worker, struct post *post);
void homes_draft(struct worker *worker, struct post *post);
void homes_query(struct worker *worker, struct post *post);
void homes_locate(struct worker *worker, struct post *post);
void homes_members(struct worker *worker, struct post *post);

/* Ends what is due. */
void homes_tick(struct worker *worker);

/* Orders an event that the bridge itself says in a room whose home is this worker. Takes event. */
enum reason homes_say(struct worker *worker, struct room_info *room, struct envelope *event);

#endif
