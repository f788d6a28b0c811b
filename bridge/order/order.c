#include "bridge/order/order.h"

#include <stdlib.h>

#include "bridge/core/directory.h"
#include "bridge/core/errand.h"
#include "bridge/routing/routing.h"
#include "codecs/text/memory.h"
#include "routes/deliver/broadcast.h"
#include "routes/room/judge.h"
#include "routes/room/members.h"

/* A list of members fits into one frame of a backend's. */
#define MEMBERS_LISTED_MAX 5000

#define EVERY_DIALECT ((UINT32_C(1) << DIALECTS) - 1)

/* Which dialects, or workers, have members of a room: a bit each. */
struct spread {
	uint32_t dialects, workers;
};

static struct spread spread_of(const struct worker *worker, const struct room *room)
{
	const struct room_presence *presence = room_presence(room);
	struct spread spread = { 0, 0 };

	for (unsigned w = 0; w < worker->bridge->worker_count; w++)
		for (size_t d = 0; d < DIALECTS; d++)
			if (presence->count[w][d] > 0) {
				spread.workers |= UINT32_C(1) << w;
				spread.dialects |= UINT32_C(1) << d;
			}
	return spread;
}

/* An invited person need not be in the room: wherever they are connected, they hear it. */
static struct spread spread_everywhere(const struct worker *worker)
{
	return (struct spread){ EVERY_DIALECT, (UINT32_C(1) << worker->bridge->worker_count) - 1 };
}

/* Takes event. */
static struct broadcast *broadcast_of(struct room_entry *entry, struct envelope *event,
				      uint32_t dialects)
{
	const struct codec_view *views[DIALECTS];

	for (size_t d = 0; d < DIALECTS; d++)
		views[d] = &entry->views[d];
	return broadcast_new(event, views, dialects);
}

/* Takes event. origin NULL: nobody waits for a reply. */
static void broadcast_send(struct worker *worker, struct room_entry *entry, struct envelope *event,
			   struct spread spread, const struct post *origin)
{
	struct broadcast *broadcast = broadcast_of(entry, event, spread.dialects);

	if (origin)
		spread.workers |= UINT32_C(1) << origin->ref.worker;
	for (unsigned w = 0; w < worker->bridge->worker_count; w++) {
		struct post *post;

		if (!(spread.workers & UINT32_C(1) << w))
			continue;
		post = post_new(POST_BROADCAST);
		post->room = entry;
		post->broadcast = broadcast_hold(broadcast);
		if (origin && origin->ref.worker == w) {
			post->ref = origin->ref;
			post->ticket = origin->ticket;
		}
		worker_post(worker, w, post);
	}
	broadcast_release(broadcast);
}

static void count_verdict(struct worker *worker, enum reason reason)
{
	if (reason == REASON_NONE)
		worker->counters->intake.ordered++;
	else
		worker->counters->intake.refused[reason]++;
}

/* The asking event goes back with the answer: it carries the correlation. */
static struct post *answer_of(enum post_kind kind, struct post *asked, enum reason reason)
{
	struct post *answer = post_new(kind);

	answer->room = asked->room;
	answer->ref = asked->ref;
	answer->ticket = asked->ticket;
	answer->login = asked->login;
	answer->entry = asked->entry;
	answer->reason = reason;
	answer->event = asked->event;
	asked->event = NULL;
	return answer;
}

void order_enter(struct worker *worker, struct post *post)
{
	struct room *room = worker->rooms[post->room->index];
	struct envelope *enter = NULL;
	struct spread others = { 0, 0 };
	struct post *answer;
	uint32_t roles = 0;
	enum reason reason = room_enter(room, post->ref, post->dialect, &post->event->author,
					post->address, worker->now_ms, &roles, &enter);

	count_verdict(worker, reason);
	answer = answer_of(POST_ENTERED, post, reason);
	answer->roles = roles;
	if (enter) {
		enter->flags |= answer->event->flags & FLAG_CONNECTED;
		others = spread_of(worker, room);
		others.workers &= ~(UINT32_C(1) << answer->ref.worker);
		answer->broadcast = broadcast_of(post->room, enter, others.dialects);
	}
	if (enter)
		copy_presence(worker, post->room, enter, post->dialect);
	for (unsigned w = 0; w < worker->bridge->worker_count; w++) {
		struct post *news;

		if (!(others.workers & UINT32_C(1) << w))
			continue;
		news = post_new(POST_BROADCAST);
		news->room = post->room;
		news->broadcast = broadcast_hold(answer->broadcast);
		worker_post(worker, w, news);
	}
	worker_post(worker, answer->ref.worker, answer);
}

void order_leave(struct worker *worker, struct post *post)
{
	struct room *room = worker->rooms[post->room->index];
	struct envelope *gone = NULL;
	bool was_member = room_leave(room, post->ref, worker->now_ms, &gone);

	if (gone && directory_connections(worker->bridge->directory, gone->author.number) > 0)
		gone->flags |= FLAG_CONNECTED;
	if (gone) {
		copy_presence(worker, post->room, gone, post->dialect);
		broadcast_send(worker, post->room, gone, spread_of(worker, room), NULL);
	}
	if (post->ticket == TICKET_NONE)
		return;
	count_verdict(worker, was_member ? REASON_NONE : REASON_NOT_MEMBER);
	worker_post(worker, post->ref.worker,
		    answer_of(POST_ANSWERED, post, was_member ? REASON_NONE : REASON_NOT_MEMBER));
}

/* A draft that names only a message: the room is the one that knows it, among those the asker is
 * in. */
static struct room_entry *room_knowing(struct worker *worker, const struct post *post)
{
	struct bridge *bridge = worker->bridge;

	for (size_t i = 0; i < bridge->room_count; i++)
		if (worker->rooms[i] && room_has(worker->rooms[i], post->ref) &&
		    room_knows(worker->rooms[i], post->event->target))
			return &bridge->rooms[i];
	return NULL;
}

/* Takes event. The victim of a kick is a member until the kick is on its way. */
static void event_send(struct worker *worker, struct room_entry *entry, struct envelope *event,
		       const struct post *origin)
{
	struct room *room = worker->rooms[entry->index];
	struct spread spread =
	    event->kind == KIND_INVITE ? spread_everywhere(worker) : spread_of(worker, room);
	const struct envelope *kick = event->kind == KIND_KICK ? envelope_hold(event) : NULL;

	broadcast_send(worker, entry, event, spread, origin);
	if (kick && room_drop(room, kick->subject.number))
		copy_kick(worker, entry, kick);
	envelope_release(kick);
}

/* Whom it comes from decides what it may: a backend is the bridge itself; a rule vouches for
 * somebody who is not a member (any more). */
static enum reason order(struct worker *worker, struct post *post, struct envelope **ordered)
{
	struct room *room = worker->rooms[post->room->index];

	if (post->from_backend)
		return room_order(room, NULL, post->event, worker->now_ms, ordered);
	if (post->vouched && !room_has(room, post->ref))
		return room_order_visitor(room, post->event, worker->now_ms, ordered);
	return room_order(room, &post->ref, post->event, worker->now_ms, ordered);
}

static void tell_publisher(struct worker *worker, struct post *post, struct envelope *ordered,
			   enum reason reason)
{
	struct post *told = post_new(POST_PUBLISHED);

	told->reason = reason;
	if (ordered)
		told->event = (struct envelope *)envelope_hold(ordered);
	told->errand = post->errand;
	post->errand = NULL;
	worker_post(worker, post->ref.worker, told);
}

void order_draft(struct worker *worker, struct post *post)
{
	struct envelope *ordered = NULL;
	enum reason reason = REASON_UNKNOWN_MESSAGE;

	if (!post->room)
		post->room = room_knowing(worker, post);
	if (post->room)
		reason = order(worker, post, &ordered);
	count_verdict(worker, reason);
	if (ordered && post->errand && post->errand->follows)
		copy_ordered(worker, post, ordered);
	if (post->errand && post->errand->publication)
		tell_publisher(worker, post, ordered, reason);
	if (!ordered) {
		if (post->ticket != TICKET_NONE)
			worker_post(worker, post->ref.worker,
				    answer_of(POST_ANSWERED, post, reason));
		return;
	}
	post->event = NULL;
	event_send(worker, post->room, ordered, post->ticket == TICKET_NONE ? NULL : post);
}

/* Which of a member's rooms has the target: back to where the draft waits. */
void order_locate(struct worker *worker, struct post *post)
{
	struct post *found = post_new(POST_LOCATED);

	found->room = room_knowing(worker, post);
	if (found->room)
		found->roles = room_roles(worker->rooms[found->room->index], post->ref);
	found->errand = post->errand;
	post->errand = NULL;
	worker_post(worker, found->errand->worker, found);
}

void order_members(struct worker *worker, struct post *post)
{
	struct post *listed = post_new(POST_LISTED);

	listed->room = post->room;
	listed->errand = post->errand;
	post->errand = NULL;
	listed->errand->members = room_members(worker->rooms[post->room->index], MEMBERS_LISTED_MAX,
					       &listed->errand->member_count);
	worker_post(worker, listed->errand->worker, listed);
}

void order_query(struct worker *worker, struct post *post)
{
	struct room *room = worker->rooms[post->room->index];
	const struct envelope **found = memory_zeroed(post->count, sizeof(*found));
	size_t count = room_history(room, post->ref, post->count, found);
	struct post *answer = answer_of(POST_HISTORY, post, REASON_NONE);

	count_verdict(worker, REASON_NONE);
	answer->history = found;
	answer->count = count;
	worker_post(worker, answer->ref.worker, answer);
}

void order_tick(struct worker *worker)
{
	struct bridge *bridge = worker->bridge;

	for (size_t i = 0; i < bridge->room_count; i++) {
		struct room *room = worker->rooms[i];
		struct envelope *due;

		if (!room || room_due(room) > worker->now_ms)
			continue;
		while ((due = room_tick(room, worker->now_ms)))
			broadcast_send(worker, &bridge->rooms[i], due, spread_of(worker, room),
				       NULL);
	}
}

enum reason order_say(struct worker *worker, struct room_entry *entry, struct envelope *event)
{
	struct envelope *ordered = NULL;
	enum reason reason;

	worker->counters->intake.accepted++;
	reason = room_order(worker->rooms[entry->index], NULL, event, worker->now_ms, &ordered);
	count_verdict(worker, reason);
	if (ordered)
		event_send(worker, entry, ordered, NULL);
	else
		envelope_release(event);
	return reason;
}
