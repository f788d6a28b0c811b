#include "bridge/order/order.h"

#include <stdlib.h>

#include "bridge/core/directory.h"
#include "bridge/durable/release.h"
#include "bridge/order/again.h"
#include "bridge/order/listing.h"
#include "bridge/order/past.h"
#include "bridge/order/spread.h"
#include "bridge/routing/copy.h"
#include "bridge/routing/upstream_hooks.h"
#include "bridge/trace/trace.h"
#include "codecs/form.h"
#include "codecs/http.h"
#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "routes/deliver/broadcast.h"
#include "routes/room/judge.h"
#include "routes/room/members.h"
#include "routes/room/overview.h"

/* A list of members fits into one frame of a backend's. */
#define MEMBERS_LISTED_MAX 5000

uint32_t order_workers(const struct room_entry *room)
{
	return spread_of(room->room).workers;
}

/* ordered: what became of it; NULL: nothing. */
static void count_ordered(struct worker *worker, enum reason reason, const struct envelope *ordered)
{
	if (reason == REASON_NONE && !ordered)
		worker->counters->intake.unchanged++;
	else if (reason == REASON_NONE)
		release_count(worker);
	else
		spread_count(worker, reason);
}

/* ---- coming and going ---- */

/* Those who are there already hear of it; who comes hears it with the answer. */
static void entry_tell(struct worker *worker, struct post_entered *answer, struct envelope *enter,
		       uint32_t dialect)
{
	struct spread others = spread_of(answer->room->room);

	enter->flags |= answer->event->flags & FLAG_CONNECTED;
	others.workers &= ~(UINT32_C(1) << answer->post.asker.worker);
	answer->broadcast =
	    broadcast_new(enter, room_view(answer->room, 0), others.forms, worker->compressor);
	copy_presence(worker, answer->room, enter, dialect);
	for (unsigned w = 0; w < worker->bridge->worker_count; w++) {
		struct post_broadcast *news;

		if (!(others.workers & UINT32_C(1) << w))
			continue;
		news = post_new(POST_BROADCAST);
		news->room = answer->room;
		news->broadcast = broadcast_hold(answer->broadcast);
		release_post(worker, w, &news->post);
	}
}

/* Who sees people is to know who is there, when their worker does not, or could have missed
 * somebody since nobody of it was in the room. */
static void entry_inform(const struct post_enter *asked, struct post_entered *answer)
{
	const struct room *room = asked->room->room;
	const struct codec *codec = registry_codec(asked->dialect);

	if (codec->tells_of_people &&
	    (asked->wants_people || room_presence(room)->by_worker[asked->post.asker.worker] == 1))
		answer->people = room_numbers(room, &answer->people_count);
	if (codec->can[KIND_POLL_START].out == RULE_NATIVE)
		answer->poll = room_poll(room);
}

/* Who comes by the first connection may have missed something. */
static void entry_replay(const struct post_enter *asked, struct post_entered *answer)
{
	if (!asked->replay)
		return;
	answer->missed = memory_zeroed(asked->replay, sizeof(*answer->missed));
	answer->missed_count = room_missed(asked->room->room, asked->event->author.number,
					   asked->replay, answer->missed);
}

/* Of a room that could not be read back it is not known who is banned. */
static enum reason enter_room(struct worker *worker, const struct post_enter *asked,
			      uint32_t *roles, struct envelope **enter)
{
	struct room_entrant who = { &asked->event->author, asked->guest, asked->address };

	enum reason reason = REASON_NONE;

	if (!release_knows(worker, asked->room))
		return REASON_BUSY;
	if (asked->room->fronted && worker->upstreams)
		reason = worker->upstreams->may_enter(worker, asked->room, &asked->post.asker,
						      who.person, who.guest);
	if (reason != REASON_NONE)
		return reason;
	return room_enter(asked->room->room, asker_session(&asked->post.asker), asked->form, &who,
			  worker_time(worker), roles, enter);
}

/* Somebody is told to be there by another Dragoman. Takes enter. */
static struct envelope *with_trail(struct envelope *enter, struct slice trail)
{
	struct envelope event = *enter, *sealed;

	event.origin.trail = trail;
	sealed = envelope_seal(&event);
	envelope_release(enter);
	return sealed;
}

void order_enter(struct worker *worker, struct post *post)
{
	struct post_enter *asked = (struct post_enter *)post;
	struct post_entered *answer = post_new(POST_ENTERED);
	struct envelope *enter = NULL;

	answer->post.asker = post->asker;
	answer->room = asked->room;
	answer->reason = REASON_UNKNOWN_ROOM;
	if (asked->room->room)
		answer->reason = enter_room(worker, asked, &answer->roles, &enter);
	if (answer->reason == REASON_NONE)
		entry_inform(asked, answer);
	if (answer->reason == REASON_NONE && asked->room->fronted && worker->upstreams)
		worker->upstreams->entered(worker, asked->room, &post->asker,
					   &asked->event->author);
	if (enter)
		entry_replay(asked, answer);
	if (enter && asked->event->origin.trail.len)
		enter = with_trail(enter, asked->event->origin.trail);
	answer->login = asked->login;
	answer->entry = asked->entry;
	answer->event = asked->event;
	asked->event = NULL;
	spread_count(worker, answer->reason);
	if (enter)
		entry_tell(worker, answer, enter, asked->dialect);
	release_post(worker, post->asker.worker, &answer->post);
}

void order_leave(struct worker *worker, struct post *post)
{
	struct post_leave *leave = (struct post_leave *)post;
	struct room *room = leave->room->room;
	struct envelope *gone = NULL;
	bool was_member =
	    room && room_leave(room, asker_session(&post->asker), worker_time(worker), &gone);
	struct answer answer = { .kind = ANSWER_DONE, .room = leave->room };

	if (leave->room->fronted && worker->upstreams)
		worker->upstreams->left(worker, leave->room, &post->asker);
	if (gone && directory_connections(worker->bridge->directory, gone->author.number) > 0)
		gone->flags |= FLAG_CONNECTED;
	if (gone) {
		copy_presence(worker, leave->room, gone, leave->dialect);
		spread_send(worker, leave->room, gone, spread_of(room), NULL);
	}
	if (!asker_waits(&post->asker))
		return;
	answer.reason = was_member ? REASON_NONE : REASON_NOT_MEMBER;
	spread_count(worker, answer.reason);
	release_answer_sure(worker, &post->asker, &answer);
}

/* ---- drafts ---- */

/* Is the speaker heard there? Whoever calls may be so without being there: that is judged later. */
static bool is_heard(struct worker *worker, const struct room *room, const struct asker *speaker,
		     const struct person *author)
{
	struct room_look look;

	if (speaker->kind != ASKER_CALL)
		return room_has(room, asker_session(speaker));
	room_look(room, &(struct room_entrant){ .person = author }, worker_time(worker), &look);
	return look.entry == REASON_NONE;
}

/* The room that knows a message, among those the speaker is in. */
static struct room_entry *room_knowing(struct worker *worker, const struct asker *speaker,
				       const struct envelope *event)
{
	for (size_t i = 0; i < room_table_count(worker->rooms); i++) {
		struct room_entry *entry = room_table_at(worker->rooms, i);

		if (entry->owner == worker->index && entry->room &&
		    room_knows(entry->room, event->target) &&
		    is_heard(worker, entry->room, speaker, &event->author))
			return entry;
	}
	return NULL;
}

/* Takes event. The victim of a kick is a member until the kick is on its way. */
static void event_send(struct worker *worker, struct room_entry *entry, struct envelope *event,
		       const struct asker *asker)
{
	struct room *room = entry->room;
	struct spread spread =
	    event->kind == KIND_INVITE ? spread_everywhere(worker) : spread_of(room);
	const struct envelope *kick = event->kind == KIND_KICK ? envelope_hold(event) : NULL;

	spread_send(worker, entry, event, spread, asker);
	if (kick && room_drop(room, kick->subject.number))
		copy_kick(worker, entry, kick);
	envelope_release(kick);
}

/* Of a person who is known by name and number alone. */
static enum reason order_call(struct worker *worker, struct post_draft *draft,
			      struct envelope **ordered)
{
	size_t dialect = registry_find(draft->event->origin.dialect);
	const struct codec *codec = registry_codec(dialect);
	struct room_caller caller = { .form = form_number(dialect, codec, &codec->forms[0]),
				      .absent = codec->http->speaks_absent,
				      .entrant = { &draft->event->author, draft->calling.guest,
						   draft->calling.address },
				      .whose = draft->whose };

	return room_order_person(draft->room->room, &caller, draft->event, worker_time(worker),
				 ordered);
}

/* Whom it comes from decides what it may: a backend is the bridge itself; a rule vouches for
 * somebody who is not a member (any more). */
static enum reason order(struct worker *worker, struct post_draft *draft, struct envelope **ordered)
{
	struct room *room = draft->room->room;
	struct session_ref speaker = asker_session(&draft->post.asker);

	if (draft->backend != SIZE_MAX || draft->trusted || draft->agreed)
		return room_order(room, NULL, draft->event, worker_time(worker), ordered);
	if (draft->post.asker.kind == ASKER_CALL && !draft->vouched)
		return order_call(worker, draft, ordered);
	if (draft->vouched && (draft->post.asker.kind == ASKER_CALL || !room_has(room, speaker)))
		return room_order_visitor(room, draft->event, worker_time(worker), ordered);
	return room_order(room, &speaker, draft->event, worker_time(worker), ordered);
}

/* Who is invited to a closed room stays so. */
static bool could_change(const struct envelope *draft)
{
	return envelope_has_place(draft) || draft->kind == KIND_INVITE;
}

/* What could change the room is judged only when that can be stored. */
static enum reason judge(struct worker *worker, struct post_draft *draft, struct envelope **ordered)
{
	enum reason reason = release_judges(worker, draft->room, could_change(draft->event));

	return reason == REASON_NONE ? order(worker, draft, ordered) : reason;
}

/* Is the invited person there, but by no client that can come along? */
static bool stays_behind(struct worker *worker, const struct room_entry *entry,
			 const struct envelope *invite)
{
	return !room_has_person(entry->room, invite->subject.number) &&
	       directory_stays(worker->bridge->directory, invite->subject.number);
}

/* Takes invite: they are told, and so is who asked them in. */
static void tell_stays_behind(struct worker *worker, struct post_draft *draft,
			      struct envelope *invite)
{
	struct answer answer = { .kind = ANSWER_DONE,
				 .reason = REASON_CANNOT_FOLLOW,
				 .room = draft->room };

	answer.event = envelope_hold(invite);
	event_send(worker, draft->room, invite, NULL);
	release_answer(worker, &draft->post.asker, &answer);
}

/* Do the others hear it before who called is answered? */
static bool hears_first(const struct asker *asker, const struct envelope *ordered)
{
	size_t dialect = registry_find(ordered->origin.dialect);

	return asker->kind == ASKER_CALL && dialect < DIALECTS_MAX &&
	       !registry_codec(dialect)->reply_before_echo;
}

/* Takes ordered. Who speaks as a client is told along with the event, others apart. */
static void tell_ordered(struct worker *worker, struct post_draft *draft, struct envelope *ordered)
{
	const struct asker *asker = &draft->post.asker;
	struct answer answer = { .kind = ANSWER_DONE, .room = draft->room };

	if (draft->copies.table)
		copy_ordered(worker, draft, ordered);
	if (ordered->kind == KIND_INVITE && stays_behind(worker, draft->room, ordered)) {
		tell_stays_behind(worker, draft, ordered);
		return;
	}
	if (asker->kind == ASKER_SESSION) {
		event_send(worker, draft->room, ordered, asker_waits(asker) ? asker : NULL);
		return;
	}
	if (!asker_waits(asker)) {
		event_send(worker, draft->room, ordered, NULL);
		return;
	}
	answer.event = envelope_hold(ordered);
	if (hears_first(asker, ordered)) {
		event_send(worker, draft->room, ordered, NULL);
		release_answer(worker, asker, &answer);
	} else {
		release_answer(worker, asker, &answer);
		event_send(worker, draft->room, ordered, NULL);
	}
}

/* Whoever gives a room away is one of its admins from then on, and is seen to be. */
static void tell_stepped_down(struct worker *worker, struct room_entry *entry,
			      const struct person *owner)
{
	struct envelope event = { .kind = KIND_USER_UPDATE,
				  .time_ms = worker->now_ms,
				  .room = entry->rules.name,
				  .author = directory_bridge(&worker->bridge->key),
				  .subject = *owner,
				  .origin = { .dialect = SLICE("bridge") } };
	char name[NAME_BYTES_MAX];
	struct person known;

	if (!room_has_person(entry->room, owner->number) ||
	    (directory_find_number(worker->bridge->directory, owner->number, &known, name) &&
	     known.roles & ROLE_OWNER))
		return;
	event.subject.roles = (owner->roles & ~(uint32_t)ROLE_OWNER) | ROLE_MOD;
	(void)order_say(worker, entry, envelope_seal(&event));
}

static bool gives_away(const struct envelope *event)
{
	return event->kind == KIND_USER_UPDATE && event->flags & FLAG_PERMANENT &&
	       event->subject.roles & ROLE_OWNER;
}

/* The asking event goes back with the answer: it carries the correlation. */
static void tell_unordered(struct worker *worker, struct post_draft *draft, enum reason reason)
{
	struct answer answer = { .kind = ANSWER_DONE, .reason = reason, .room = draft->room };

	trace_note(
	    worker->trace, draft->event,
	    (struct trace_note){ .what = reason == REASON_NONE ? TRACE_UNCHANGED : TRACE_REFUSED,
				 .reason = (uint8_t)reason });
	if (draft->post.asker.kind == ASKER_SESSION) {
		answer.event = draft->event;
		draft->event = NULL;
	}
	release_answer(worker, &draft->post.asker, &answer);
}

/* The server behind the room judges what its clients say. */
static bool goes_behind(struct worker *worker, struct post_draft *draft)
{
	return draft->room && draft->room->fronted && !draft->agreed && !draft->trusted &&
	       draft->backend == SIZE_MAX && worker->upstreams &&
	       worker->upstreams->take(worker, draft);
}

void order_draft(struct worker *worker, struct post *post)
{
	struct post_draft *draft = (struct post_draft *)post;

	if (!draft->room)
		draft->room = room_knowing(worker, &post->asker, draft->event);
	if (draft->room && draft->event->origin.trail.len && again_has(worker, draft)) {
		again_answer(worker, draft);
		return;
	}
	if (!goes_behind(worker, draft))
		order_agreed(worker, draft);
}

void order_agreed(struct worker *worker, struct post_draft *draft)
{
	struct envelope *ordered = NULL;
	const struct envelope *gift;
	enum envelope_kind kind = draft->event->kind;
	enum reason reason = REASON_UNKNOWN_MESSAGE;

	if (draft->room)
		reason = draft->room->room ? judge(worker, draft, &ordered) : REASON_UNKNOWN_ROOM;
	count_ordered(worker, reason, ordered);
	if (draft->agreed)
		worker->upstreams->agreed(worker, draft->agreed, ordered);
	if (!ordered) {
		tell_unordered(worker, draft, reason);
		return;
	}
	draft->event = NULL;
	if (ordered->origin.trail.len)
		again_note(draft->room, ordered, kind);
	gift = gives_away(ordered) ? envelope_hold(ordered) : NULL;
	tell_ordered(worker, draft, ordered);
	if (gift)
		tell_stepped_down(worker, draft->room, &gift->author);
	envelope_release(gift);
}

/* ---- questions ---- */

static uint32_t roles_of(struct worker *worker, const struct room *room,
			 const struct post_locate *locate)
{
	struct room_look look;

	if (locate->speaker.kind != ASKER_CALL)
		return room_roles(room, asker_session(&locate->speaker));
	room_look(room, &(struct room_entrant){ .person = &locate->event->author },
		  worker_time(worker), &look);
	return look.roles;
}

void order_locate(struct worker *worker, struct post *post)
{
	struct post_locate *locate = (struct post_locate *)post;
	struct answer answer = { .kind = ANSWER_LOCATED };

	answer.room = room_knowing(worker, &locate->speaker, locate->event);
	if (answer.room)
		answer.roles = roles_of(worker, answer.room->room, locate);
	release_answer(worker, &post->asker, &answer);
}

void order_members(struct worker *worker, struct post *post)
{
	struct answer answer = { .kind = ANSWER_MEMBERS,
				 .room = ((struct post_members *)post)->room };

	if (answer.room->room)
		answer.members =
		    room_members(answer.room->room, 0, MEMBERS_LISTED_MAX, &answer.count);
	release_answer(worker, &post->asker, &answer);
}

void order_query(struct worker *worker, struct post *post)
{
	struct post_query *query = (struct post_query *)post;
	struct answer answer = { .kind = ANSWER_HISTORY,
				 .room = query->room,
				 .correlation = query->correlation,
				 .correlation_len = query->correlation_len };

	bool is_member =
	    query->room->room && room_has(query->room->room, asker_session(&post->asker));

	query->correlation = NULL;
	answer.history = memory_zeroed(query->count, sizeof(*answer.history));
	if (is_member)
		answer.count = room_history(query->room->room, asker_session(&post->asker),
					    query->count, answer.history);
	spread_count(worker, REASON_NONE);
	/* Who is no member, or may see nothing, is not shown what is stored, either. */
	past_answer(worker, &post->asker, &answer, UINT64_MAX,
		    is_member ? query->count : answer.count);
}

/* What was said is for who is there, or could be. */
static enum reason may_read(const struct post_look *asked, const struct room_look *look)
{
	if (look->present)
		return REASON_NONE;
	return asked->absent ? look->entry : REASON_NOT_MEMBER;
}

/* How the caller comes is known of the caller alone. */
static void look(struct worker *worker, const struct post_look *asked, struct answer *answer)
{
	const struct room *room = asked->room->room;
	struct room_entrant caller = { &asked->caller, asked->calling.guest,
				       asked->calling.address };
	struct room_entrant other = { .person = &asked->person };

	room_look(room, asked->person.number == asked->caller.number ? &caller : &other,
		  worker_time(worker), &answer->look);
	room_look(room, &caller, worker_time(worker), &answer->caller);
}

void order_look(struct worker *worker, struct post *post)
{
	struct post_look *asked = (struct post_look *)post;
	struct answer answer = { .kind = ANSWER_LOOK, .room = asked->room };
	const struct room *room = asked->room->room;

	asked->person.name.data = asked->name;
	if (!room) {
		answer.reason = REASON_UNKNOWN_ROOM;
		release_answer(worker, &post->asker, &answer);
		return;
	}
	asked->caller.name.data = asked->caller_name;
	look(worker, asked, &answer);
	if (asked->kind == LOOK_ADMINS || asked->kind == LOOK_BANS)
		listing_fill(worker, asked, &answer);
	if (asked->kind == LOOK_MEMBERS)
		answer.members = room_members(room, asked->offset, asked->count, &answer.count);
	if (asked->kind == LOOK_HISTORY)
		answer.reason = may_read(asked, &answer.look);
	if (asked->kind != LOOK_HISTORY || answer.reason != REASON_NONE) {
		release_answer(worker, &post->asker, &answer);
		return;
	}
	answer.history = memory_zeroed(asked->count, sizeof(*answer.history));
	answer.count = room_recent(room, asked->before, asked->count, answer.history);
	past_answer(worker, &post->asker, &answer, asked->before, asked->count);
}

static void tick(struct worker *worker, struct room_entry *entry)
{
	struct envelope *due;

	while ((due = room_tick(entry->room, worker_time(worker))))
		spread_send(worker, entry, due, spread_of(entry->room), NULL);
}

void order_tick(struct worker *worker)
{
	for (size_t i = 0; i < room_table_count(worker->rooms); i++) {
		struct room_entry *entry = room_table_at(worker->rooms, i);

		if (entry->owner == worker->index && entry->room &&
		    room_due(entry->room) <= worker->tick_ms &&
		    release_judges(worker, entry, true) == REASON_NONE)
			tick(worker, entry);
	}
}

enum reason order_say(struct worker *worker, struct room_entry *entry, struct envelope *event)
{
	struct envelope *ordered = NULL;
	enum reason reason;

	worker->counters->intake.accepted++;
	reason = release_judges(worker, entry, true);
	if (reason == REASON_NONE)
		reason = room_order(entry->room, NULL, event, worker_time(worker), &ordered);
	count_ordered(worker, reason, ordered);
	if (ordered)
		event_send(worker, entry, ordered, NULL);
	else
		envelope_release(event);
	return reason;
}

static enum reason say_purged(struct worker *worker, struct room_entry *entry, uint32_t number)
{
	struct envelope purge = { .kind = KIND_PURGE,
				  .time_ms = worker->now_ms,
				  .room = entry->rules.name,
				  .subject = { .number = number },
				  .author = directory_bridge(&worker->bridge->key),
				  .origin = { .dialect = SLICE("bridge") } };

	return order_say(worker, entry, envelope_seal(&purge));
}

enum reason order_forget(struct worker *worker, struct room_entry *entry,
			 const struct person *person, struct room_forgotten *forgotten)
{
	enum reason reason = release_judges(worker, entry, true);

	if (reason == REASON_NONE && room_has_words(entry->room, person->number))
		reason = say_purged(worker, entry, person->number);
	if (reason != REASON_NONE)
		return reason;
	room_forget(entry->room, person, worker_time(worker), forgotten);
	tick(worker, entry);
	return REASON_NONE;
}
