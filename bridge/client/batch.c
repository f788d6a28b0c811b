#include "bridge/client/batch.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/client/deliver.h"
#include "bridge/client/membership.h"
#include "bridge/client/session.h"
#include "bridge/core/worker.h"
#include "codecs/text/memory.h"

#define NO_ENTRY BATCH_ENTRIES_MAX

struct batch *batch_new(size_t room_count)
{
	struct batch *batch = memory_zeroed(1, sizeof(*batch));

	batch->rooms = memory_zeroed(room_count, sizeof(*batch->rooms));
	return batch;
}

static void runs_forget(struct batch_run runs[DIALECTS])
{
	for (size_t d = 0; d < DIALECTS; d++)
		runs[d] = (struct batch_run){ .scratch = runs[d].scratch };
}

/* What was batched is over: marks that point at it stay behind, which says the same. */
static void batch_clear(struct batch *batch)
{
	for (uint32_t i = 0; i < batch->count; i++) {
		batch->rooms[batch->entries[i].room->index].count = 0;
		broadcast_release(batch->entries[i].broadcast);
	}
	batch->first += batch->count;
	batch->count = batch->live_count = 0;
	memset(batch->bytes, 0, sizeof(batch->bytes));
	runs_forget(batch->whole);
}

void batch_free(struct batch *batch)
{
	if (!batch)
		return;
	batch_clear(batch);
	for (size_t d = 0; d < DIALECTS; d++) {
		free(batch->whole[d].scratch);
		free(batch->alone[d].scratch);
	}
	free(batch->rooms);
	free(batch);
}

static const struct rendition *rendition_of(const struct batch_entry *entry, size_t dialect)
{
	return &entry->broadcast->renditions[dialect][AUDIENCE_OTHERS];
}

/* A batch is never longer than one write. */
static bool batch_has_room(const struct batch *batch, const struct broadcast *broadcast)
{
	if (batch->count == BATCH_ENTRIES_MAX)
		return false;
	for (size_t d = 0; d < DIALECTS; d++) {
		const struct frame *frame = broadcast->renditions[d][AUDIENCE_OTHERS].frame;

		if (frame && batch->bytes[d] + frame->len > WRITE_BYTES_MAX)
			return batch->count == 0;
	}
	return true;
}

static void entry_link(struct batch *batch, const struct room_entry *room)
{
	struct batch_room *mark = &batch->rooms[room->index];

	if (mark->count++ == 0) {
		mark->first = batch->count;
		batch->live[batch->live_count++] = room;
	} else {
		batch->entries[mark->last].next = batch->count;
	}
	mark->last = batch->count;
}

void batch_add(struct worker *worker, const struct room_entry *room, struct broadcast *broadcast)
{
	struct batch *batch = worker->batch;
	struct batch_entry *entry;

	if (worker->hubs[room->index].count == 0)
		return;
	if (!batch_has_room(batch, broadcast))
		batch_settle(worker);
	entry_link(batch, room);
	entry = &batch->entries[batch->count++];
	*entry = (struct batch_entry){ room, broadcast_hold(broadcast), NO_ENTRY };
	for (size_t d = 0; d < DIALECTS; d++)
		if (rendition_of(entry, d)->frame)
			batch->bytes[d] += rendition_of(entry, d)->frame->len;
}

/* The mark goes ahead of what is done: delivering may cut the session, which then leaves its rooms
 * and is caught up before. */
void batch_catch_up(struct session *session)
{
	struct batch *batch = session->worker->batch;
	uint64_t end = batch->first + batch->count;

	if (session->batched < batch->first)
		session->batched = batch->first;
	while (session->batched < end) {
		const struct batch_entry *entry =
		    &batch->entries[session->batched++ - batch->first];
		const struct membership *membership = session_membership(session, entry->room);

		if (membership && membership->in)
			deliver_event(session, entry->room, entry->broadcast, AUDIENCE_OTHERS);
	}
}

/* ---- runs ---- */

/* One frame is sent from where it is, however long; several are never more than a write. */
static void run_add(struct batch_run *run, const struct frame *frame)
{
	if (run->frames == 0) {
		run->bytes = frame->bytes;
	} else {
		if (!run->scratch)
			run->scratch = memory_new(WRITE_BYTES_MAX);
		if (run->frames == 1)
			memcpy(run->scratch, run->bytes, run->len);
		memcpy(run->scratch + run->len, frame->bytes, frame->len);
		run->bytes = run->scratch;
	}
	run->len += frame->len;
	run->frames++;
	run->events |= frame->events;
}

static struct batch_run *run_whole(struct batch *batch, size_t dialect)
{
	struct batch_run *run = &batch->whole[dialect];

	if (run->made)
		return run;
	run->made = true;
	for (uint32_t i = 0; i < batch->count; i++) {
		const struct frame *frame = rendition_of(&batch->entries[i], dialect)->frame;

		if (frame)
			run_add(run, frame);
	}
	return run;
}

static struct batch_run *run_alone(struct batch *batch, const struct batch_room *room,
				   size_t dialect)
{
	struct batch_run *run = &batch->alone[dialect];

	if (run->made)
		return run;
	run->made = true;
	for (uint32_t i = room->first; i != NO_ENTRY; i = batch->entries[i].next) {
		const struct frame *frame = rendition_of(&batch->entries[i], dialect)->frame;

		if (frame)
			run_add(run, frame);
	}
	return run;
}

/* Of the rooms that said something, how many is this session in? */
static uint32_t rooms_heard(const struct batch *batch, struct session *session)
{
	uint32_t heard = 0;

	if (session->membership_count <= batch->live_count) {
		for (size_t i = 0; i < session->membership_count; i++)
			if (session->memberships[i].in &&
			    batch->rooms[session->memberships[i].room->index].count > 0)
				heard++;
		return heard;
	}
	for (uint32_t i = 0; i < batch->live_count; i++) {
		const struct membership *membership = session_membership(session, batch->live[i]);

		if (membership && membership->in)
			heard++;
	}
	return heard;
}

/* What a member of the room at hand is to be sent, when others are sent the same; else NULL. */
static struct batch_run *run_for(struct batch *batch, const struct batch_room *room,
				 struct session *session)
{
	struct batch_run *run;
	uint32_t heard;

	if (session->batched > batch->first || !session_is_clear(session))
		return NULL;
	heard = batch->live_count == 1 || session->membership_count == 1
		    ? 1
		    : rooms_heard(batch, session);
	if (heard == batch->live_count)
		run = run_whole(batch, session->dialect);
	else if (heard == 1)
		run = run_alone(batch, room, session->dialect);
	else
		return NULL;
	return run->events & session->peer.muted_events ? NULL : run;
}

/* ---- giving ---- */

static struct ledger *ledger_of(struct worker *worker, const struct batch_entry *entry)
{
	return &worker->counters->rooms[entry->room->index];
}

static void run_count_entry(struct worker *worker, const struct batch_entry *entry, size_t dialect,
			    const struct batch_run *run)
{
	struct ledger *ledger = ledger_of(worker, entry);

	ledger->accepted[dialect] += run->complete;
	ledger->outcomes[dialect][rendition_of(entry, dialect)->outcome] += run->complete;
}

static void runs_count_whole(struct worker *worker)
{
	struct batch *batch = worker->batch;

	for (size_t d = 0; d < DIALECTS; d++)
		for (uint32_t i = 0; batch->whole[d].complete && i < batch->count; i++)
			run_count_entry(worker, &batch->entries[i], d, &batch->whole[d]);
}

static void runs_count_alone(struct worker *worker, const struct batch_room *room)
{
	struct batch *batch = worker->batch;

	for (size_t d = 0; d < DIALECTS; d++)
		for (uint32_t i = room->first; batch->alone[d].complete && i != NO_ENTRY;
		     i = batch->entries[i].next)
			run_count_entry(worker, &batch->entries[i], d, &batch->alone[d]);
	runs_forget(batch->alone);
}

static void give(struct worker *worker, const struct batch_room *room, struct session *session)
{
	struct batch *batch = worker->batch;
	struct batch_run *run = run_for(batch, room, session);

	if (!run) {
		batch_catch_up(session);
	} else if (run->frames == 0 || session_send(session, run->bytes, run->len, run->frames)) {
		session->batched = batch->first + batch->count;
		run->complete++;
	} else {
		/* What is under way is counted frame by frame when it has arrived. */
		batch_catch_up(session);
		session_sent_partly(session);
	}
}

/* Giving may cut the member at hand, which then leaves its rooms and makes the last member move to
 * its place: from the end, that one has had its turn. */
static void settle_room(struct worker *worker, const struct room_entry *info)
{
	struct batch *batch = worker->batch;
	const struct batch_room *mark = &batch->rooms[info->index];
	struct hub *room = &worker->hubs[info->index];
	uint64_t end = batch->first + batch->count;

	for (size_t i = room->count; i-- > 0;) {
		struct session *session = room->members[i].session;

		if (session->batched < end)
			give(worker, mark, session);
	}
	runs_count_alone(worker, mark);
}

void batch_settle(struct worker *worker)
{
	struct batch *batch = worker->batch;

	if (batch->count == 0)
		return;
	for (uint32_t i = 0; i < batch->live_count; i++)
		settle_room(worker, batch->live[i]);
	runs_count_whole(worker);
	batch_clear(batch);
}
