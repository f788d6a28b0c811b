#include "bridge/cluster/judging.h"

#include <stdlib.h>

#include "codecs/form.h"
#include "codecs/http.h"
#include "codecs/registry.h"
#include "routes/room/judge.h"
#include "routes/room/members.h"

/* Where records go meanwhile; between two calls: nowhere. */
static void begin(struct recorder *recorder, struct items *items, const struct item_draft *draft)
{
	recorder->items = items;
	recorder->draft = draft ? *draft : (struct item_draft){ 0 };
	recorder->records = 0;
}

static void end(struct recorder *recorder)
{
	recorder->items = NULL;
}

static void put(struct items *items, enum item_kind kind, const struct item_draft *draft,
		const struct record *record)
{
	struct item item = { .kind = kind, .draft = *draft };

	items_filled(items, record_write(record, items_open(items, &item, record_most(record))));
}

/* What may not be kept is told all the same, to who is there. */
void judging_record(void *owner, const struct record *record)
{
	struct recorder *recorder = owner;
	struct record whole = *record;

	if (!recorder->items)
		return;
	recorder->records++;
	put(recorder->items, ITEM_RECORD, &recorder->draft, record);
	if (record->kind != RECORD_EVENT || record_has_words(record))
		return;
	whole.aside.keep = true;
	put(recorder->items, ITEM_WORDS, &recorder->draft, &whole);
}

static void outcome(struct items *items, enum item_kind kind, const struct item_draft *draft,
		    enum reason reason)
{
	items_add(items,
		  &(struct item){ .kind = kind, .reason = (uint8_t)reason, .draft = *draft });
}

/* ---- coming and going ---- */

static enum reason ask_enter(struct room *room, const struct asking *asking, struct room_time now)
{
	struct room_entrant who = { &asking->record.event->author, asking->guest, asking->address };
	struct envelope *enter = NULL;
	enum reason reason;
	uint32_t roles;

	reason = room_enter(room, asking->ref, asking->form, &who, now, &roles, &enter);
	envelope_release(enter);
	return reason;
}

static enum reason ask_leave(struct room *room, const struct asking *asking, struct room_time now)
{
	struct envelope *exit = NULL;
	bool was_member = room_leave(room, asking->ref, now, &exit);

	envelope_release(exit);
	return was_member ? REASON_NONE : REASON_NOT_MEMBER;
}

/* ---- speaking ---- */

static enum reason ask_person(struct room *room, const struct asking *asking,
			      struct envelope *draft, struct room_time now,
			      struct envelope **ordered)
{
	const struct codec *codec = registry_codec(form_dialect(asking->form));
	struct room_caller caller = { .form = asking->form,
				      .absent = codec->http && codec->http->speaks_absent,
				      .entrant = { &draft->author, asking->guest, asking->address },
				      .whose = asking->whose };

	return room_order_person(room, &caller, draft, now, ordered);
}

static enum reason order(struct room *room, const struct asking *asking, struct envelope *draft,
			 struct room_time now, struct envelope **ordered)
{
	if (asking->by_bridge)
		return room_order(room, NULL, draft, now, ordered);
	if (!asking->by_session && !asking->vouched)
		return ask_person(room, asking, draft, now, ordered);
	if (asking->vouched && (!asking->by_session || !room_has(room, asking->ref)))
		return room_order_visitor(room, draft, now, ordered);
	return room_order(room, &asking->ref, draft, now, ordered);
}

/* The victim of a kick was a member until now. */
static void ordered_do(struct recorder *recorder, struct room *room, const struct envelope *ordered)
{
	struct record record = { .kind = RECORD_EVENT,
				 .event = ordered,
				 .aside = { .keep = true } };

	if (ordered->kind == KIND_KICK)
		(void)room_drop(room, ordered->subject.number);
	if (!recorder->records)
		put(recorder->items, ITEM_ASIDE, &recorder->draft, &record);
}

static enum reason ask_speak(struct recorder *recorder, struct room *room,
			     const struct asking *asking, struct room_time now)
{
	struct envelope *event = envelope_seal(asking->record.event), *ordered = NULL;
	enum reason reason = order(room, asking, event, now, &ordered);

	if (ordered)
		ordered_do(recorder, room, ordered);
	else
		envelope_release(event);
	envelope_release(ordered);
	return reason;
}

static enum reason ask(struct recorder *recorder, struct room *room, const struct asking *asking,
		       struct room_time now)
{
	switch (asking->kind) {
	case ASKING_ENTER: return ask_enter(room, asking, now);
	case ASKING_LEAVE: return ask_leave(room, asking, now);
	case ASKING_SPEAK: return ask_speak(recorder, room, asking, now);
	}
	return REASON_UNKNOWN_ROOM;
}

void judging_ask(struct recorder *recorder, struct items *items, const struct item_draft *draft,
		 struct room *room, const struct asking *asking, struct room_time now)
{
	enum reason reason = REASON_UNKNOWN_ROOM;
	uint32_t before = items->count;

	begin(recorder, items, draft);
	if (room)
		reason = ask(recorder, room, asking, now);
	end(recorder);
	if (reason != REASON_NONE)
		outcome(items, ITEM_REFUSED, draft, reason);
	else if (items->count == before)
		outcome(items, ITEM_UNCHANGED, draft, REASON_NONE);
}

/* ---- by itself ---- */

void judging_tick(struct recorder *recorder, struct items *items, struct room *room,
		  struct room_time now)
{
	struct envelope *due;

	begin(recorder, items, NULL);
	while ((due = room_tick(room, now)))
		envelope_release(due);
	end(recorder);
}

void judging_gone(struct recorder *recorder, struct items *items, struct room *room, unsigned node,
		  uint32_t incarnation, struct room_time now)
{
	size_t count;
	struct session_ref *refs = room_seats_of(room, node, incarnation, &count);

	begin(recorder, items, NULL);
	for (size_t i = 0; i < count; i++) {
		struct envelope *exit = NULL;

		(void)room_leave(room, refs[i], now, &exit);
		envelope_release(exit);
	}
	end(recorder);
	free(refs);
}
