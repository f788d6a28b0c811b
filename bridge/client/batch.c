#include "bridge/client/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/client/deliver.h"
#include "bridge/client/membership.h"
#include "bridge/client/session.h"
#include "bridge/core/worker.h"
#include "bridge/trace/trace.h"
#include "codecs/text/memory.h"

#define NO_ENTRY BATCH_ENTRIES_MAX

struct batch *batch_new(void)
{
	return memory_zeroed(1, sizeof(struct batch));
}

static void runs_forget(struct batch_runs *runs)
{
	for (uint32_t i = 0; i < runs->made_count; i++) {
		struct batch_run *run = &runs->each[runs->made[i]];

		*run = (struct batch_run){ .scratch = run->scratch };
	}
	runs->made_count = 0;
}

static void runs_free(struct batch_runs *runs)
{
	for (size_t i = 0; i < FORM_NUMBERS; i++)
		free(runs->each[i].scratch);
}

/* What was batched is over: marks that point at it stay behind, which says the same. */
static void batch_clear(struct batch *batch)
{
	for (uint32_t i = 0; i < batch->count; i++) {
		batch->entries[i].share->said_count = 0;
		broadcast_release(batch->entries[i].broadcast);
	}
	batch->first += batch->count;
	batch->count = batch->live_count = 0;
	memset(batch->bytes, 0, sizeof(batch->bytes));
	runs_forget(&batch->whole);
}

void batch_free(struct batch *batch)
{
	if (!batch)
		return;
	batch_clear(batch);
	runs_free(&batch->whole);
	runs_free(&batch->alone);
	free(batch);
}

/* What is batched says the same to everybody: one rendition for each form. */
static const struct rendition *rendition_of(const struct batch_entry *entry, uint32_t form)
{
	return broadcast_find(entry->broadcast, form, AUDIENCE_OTHERS);
}

/* A batch is never longer than one write. */
static bool batch_has_room(const struct batch *batch, const struct broadcast *broadcast)
{
	if (batch->count == BATCH_ENTRIES_MAX)
		return false;
	for (uint32_t i = 0; i < broadcast->forms; i++) {
		const struct rendition *made = &broadcast->renditions[i];

		if (made->frame && batch->bytes[made->form] + made->frame->len > WRITE_BYTES_MAX)
			return batch->count == 0;
	}
	return true;
}

static void entry_link(struct batch *batch, struct room_share *share)
{
	if (share->said_count++ == 0) {
		share->said_first = batch->count;
		batch->live[batch->live_count++] = share;
	} else {
		batch->entries[share->said_last].next = batch->count;
	}
	share->said_last = batch->count;
}

void batch_add(struct worker *worker, const struct room_entry *room, struct broadcast *broadcast,
	       uint32_t told)
{
	struct room_share *share = room->shares[worker->index];
	struct batch *batch = worker->batch;

	assert(broadcast->audiences == 1);
	if (!share || share->hub.count == 0)
		return;
	if (!batch_has_room(batch, broadcast))
		batch_settle(worker);
	for (size_t d = 0; d < registry_count(); d++)
		share->tallies[d].accepted += share->members[d];
	entry_link(batch, share);
	batch->entries[batch->count++] =
	    (struct batch_entry){ share, broadcast_hold(broadcast), NO_ENTRY, told };
	for (uint32_t i = 0; i < broadcast->forms; i++) {
		const struct rendition *made = &broadcast->renditions[i];

		if (made->frame)
			batch->bytes[made->form] += made->frame->len;
	}
}

/* The mark goes ahead of what is done: nothing that delivering brings about delivers it again. */
void batch_catch_up(struct session *session)
{
	struct batch *batch = session->worker->batch;
	uint64_t end = batch->first + batch->count;

	if (session->batched < batch->first)
		session->batched = batch->first;
	while (session->batched < end) {
		const struct batch_entry *entry =
		    &batch->entries[session->batched++ - batch->first];
		const struct membership *membership =
		    session_membership(session, entry->share->room);

		if (membership && membership->in)
			deliver_event(session, entry->share->room, entry->broadcast,
				      AUDIENCE_OTHERS, entry->told);
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

static void run_add_entry(struct batch_run *run, const struct batch_entry *entry, uint32_t form)
{
	const struct rendition *made = rendition_of(entry, form);

	if (!made)
		run->state = RUN_LACKING;
	else if (made->frame)
		run_add(run, made->frame);
}

/* Once for each form, so not inlined either. NULL when the form lacks something. */
static __attribute__((noinline)) struct batch_run *run_make(struct batch *batch,
							    struct batch_runs *runs,
							    const struct room_share *share,
							    uint32_t form)
{
	struct batch_run *run = &runs->each[form];

	if (run->state == RUN_LACKING)
		return NULL;
	runs->made[runs->made_count++] = form;
	run->state = RUN_READY;
	for (uint32_t i = share ? share->said_first : 0; i < batch->count;
	     i = share ? batch->entries[i].next : i + 1)
		run_add_entry(run, &batch->entries[i], form);
	return run->state == RUN_READY ? run : NULL;
}

/* The run of one form, made when it is first asked for. share: of its room's entries; NULL: of all.
 */
static inline struct batch_run *run_of(struct batch *batch, struct batch_runs *runs,
				       const struct room_share *share, uint32_t form)
{
	struct batch_run *run = &runs->each[form];

	return run->state == RUN_READY ? run : run_make(batch, runs, share, form);
}

/* Of the rooms that said something, how many is this session in? Not inlined: the registers are
 * wanted where members have one room. */
static __attribute__((noinline)) uint32_t rooms_heard(const struct batch *batch,
						      struct session *session)
{
	uint32_t heard = 0;

	if (session->membership_count <= batch->live_count) {
		for (size_t i = 0; i < session->membership_count; i++)
			if (session->memberships[i].in &&
			    session->memberships[i]
				    .room->shares[session->worker->index]
				    ->said_count > 0)
				heard++;
		return heard;
	}
	for (uint32_t i = 0; i < batch->live_count; i++) {
		const struct membership *membership =
		    session_membership(session, batch->live[i]->room);

		if (membership && membership->in)
			heard++;
	}
	return heard;
}

/* What a member of the room at hand is to be sent, when others are sent the same; else NULL. */
static struct batch_run *run_for(struct batch *batch, const struct room_share *share,
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
		run = run_of(batch, &batch->whole, NULL, session->form);
	else if (heard == 1)
		run = run_of(batch, &batch->alone, share, session->form);
	else
		return NULL;
	return run && run->events & session->peer.muted_events ? NULL : run;
}

/* ---- giving ---- */

static void run_count_entry(struct trace *trace, const struct batch_entry *entry, uint32_t form,
			    uint64_t complete)
{
	struct tally *tally = &entry->share->tallies[form_dialect(form)];
	enum outcome outcome = rendition_of(entry, form)->outcome;

	tally->outcomes[outcome] += complete;
	trace_ended(trace, entry->told, form, outcome, (uint32_t)complete);
}

/* share: of whose room's entries they are; NULL: of all. */
static void runs_count(struct worker *worker, struct batch_runs *runs,
		       const struct room_share *share)
{
	struct batch *batch = worker->batch;

	if (runs->made_count)
		trace_clock(worker->trace);
	for (uint32_t m = 0; m < runs->made_count; m++) {
		uint32_t form = runs->made[m];
		uint64_t complete = runs->each[form].complete;

		for (uint32_t i = share ? share->said_first : 0; complete && i < batch->count;
		     i = share ? batch->entries[i].next : i + 1)
			run_count_entry(worker->trace, &batch->entries[i], form, complete);
	}
	runs_forget(runs);
}

static void give(struct batch *batch, const struct room_share *share, struct session *session)
{
	struct batch_run *run = run_for(batch, share, session);

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

/* What a capture is to have goes through outboxes. */
static __attribute__((noinline)) void catch_up_room(const struct room_share *share)
{
	for (size_t i = share->hub.count; i-- > 0;)
		batch_catch_up(share->hub.members[i].session);
}

/* Nobody comes or goes meanwhile: who is cut is only marked. */
static void settle_room(struct worker *worker, const struct room_share *share)
{
	struct batch *batch = worker->batch;
	const struct hub *room = &share->hub;
	uint64_t end = batch->first + batch->count;

	for (size_t i = room->count; i-- > 0;) {
		struct session *session = room->members[i].session;

		if (session->batched < end)
			give(batch, share, session);
	}
	runs_count(worker, &batch->alone, share);
}

void batch_settle(struct worker *worker)
{
	struct batch *batch = worker->batch;

	if (batch->count == 0)
		return;
	for (uint32_t i = 0; worker->capture && i < batch->live_count; i++)
		catch_up_room(batch->live[i]);
	for (uint32_t i = 0; i < batch->live_count; i++)
		settle_room(worker, batch->live[i]);
	runs_count(worker, &batch->whole, NULL);
	batch_clear(batch);
}
