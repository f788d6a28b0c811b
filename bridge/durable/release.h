/* release.h - what leaves the rooms of one worker waits here until what was judged before it is
 * stored. Where nothing is stored, nothing waits.
 *
 * What a turn changed in the worker's rooms is one batch for the store: struct post_store. All that
 * is judged later waits behind it, refusals and answers too, because each may tell of it; so what
 * comes from one worker keeps its order. When the store fails, nothing of the batch has happened,
 * nor of what was judged since: their drafts are refused, and the rooms are as the store has them.
 *
 * The worker's own thread. */
#ifndef BRIDGE_DURABLE_RELEASE_H
#define BRIDGE_DURABLE_RELEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/worker.h"
#include "bridge/durable/foreign_keeping.h"
#include "routes/room/record.h"

#define RELEASE_AGAIN_MS   1000   /* after the store failed: so long drafts are refused; */
#define RELEASE_BLAMED_MS  10000  /* where one room's rows are why: those of that room alone */
#define RELEASE_BATCH_MOST 262144 /* bytes of one batch; at most one record more */
#define RELEASE_BYTES_MOST                                                                         \
	(32 * 1024 * 1024)    /* of records not yet stored: then drafts are refused */
#define RELEASE_LATE_MS 10000 /* what waits longer than that makes drafts refused */

/* For worker->release of a bridge with a store, before any thread runs. Returns new. */
struct release *release_new(void);

/* With what waits. NULL is ignored. */
void release_free(struct release *release);

/* From now on what changes in that room of the worker's is stored. Before a draft is judged there;
 * the main thread, if nobody else knows the room yet. */
void release_keep(struct worker *worker, struct room_entry *room);

/* May a draft of this room of the worker's be judged now? changes: it could change the room. Else
 * why not: REASON_UNSTORED after the store failed, by all or by that room's rows, if it could
 * change it, or when the room could not be read back since; REASON_BUSY when too much waits for the
 * store. */
enum reason release_judges(struct worker *worker, struct room_entry *room, bool changes);

/* Is this room of the worker's as it is stored? False after the store failed, while it cannot be
 * read back, which is tried again each RELEASE_AGAIN_MS: nobody is to enter. */
bool release_knows(struct worker *worker, struct room_entry *room);

/* A room of a worker's has changed (a record_sink; owner: the room's entry, whose home is set):
 * what is posted from now on waits for that. Who sits where is not stored. */
void release_record(void *owner, const struct record *record);

/* A draft was ordered: it is counted when that is stored. */
void release_count(struct worker *worker);

/* As worker_post() and worker_answer(), but behind what waits. Take as these do. */
void release_post(struct worker *worker, unsigned to, struct post *post);
void release_answer(struct worker *worker, const struct asker *asker, const struct answer *answer);

/* The same for what holds whatever becomes of what waits: who came, who left. */
void release_answer_sure(struct worker *worker, const struct asker *asker,
			 const struct answer *answer);

/* The same, to the store, which reads what was said before: POST_PAST. Takes the post. */
void release_post_store(struct worker *worker, struct post *post);

/* The same, to the main thread. Takes the post. */
void release_post_main(struct worker *worker, struct post *post);

/* The store's keep_foreign(), behind what this worker recorded, and only if that is stored; nothing
 * where there is no store. Borrows. */
void release_keep_foreign(struct worker *worker, const struct foreign_keeping *keeping);

/* Sends the batch to the store, if there is one. At the end of each round of mail. */
void release_send(struct worker *worker);

/* Does anything wait for the store? */
bool release_waits(const struct worker *worker);

/* POST_STORED, from the store. Borrows. */
void release_stored(struct worker *worker, struct post *post);

#endif
