#include "routes/room/recording.h"

#include "routes/room/room_state.h"

void room_record(struct room *room, record_sink *sink, void *owner)
{
	room->sink = sink;
	room->sink_owner = owner;
}

void recording_add(struct room *room, struct record *record)
{
	record->number = ++room->recorded;
	room->sink(room->sink_owner, record);
}

void recording_event(struct room *room, const struct envelope *event)
{
	struct record record = { .kind = RECORD_EVENT, .event = event, .aside = { .keep = true } };

	if (room->sink)
		recording_add(room, &record);
}

/* What nobody is told of, but with whom. */
static struct envelope untold(const struct room *room, enum envelope_kind kind, uint64_t now_ms)
{
	return (struct envelope){ .kind = kind, .room = room->rules->name, .time_ms = now_ms };
}

void recording_seat(struct room *room, const struct seat *seat, const struct envelope *enter,
		    struct room_time now)
{
	struct envelope again = untold(room, KIND_ENTER, now.wall_ms);
	struct record record = { .kind = RECORD_SEAT,
				 .event = enter ? enter : &again,
				 .seat = { seat->ref, seat->form, seat->guest_address },
				 .aside = { .keep = true } };

	if (!room->sink)
		return;
	if (seat->member) {
		again.author = seat->member->person;
		record.aside.until_ms = seat->member->muted.wall_ms;
	}
	recording_add(room, &record);
}

void recording_unseat(struct room *room, struct session_ref ref, const struct envelope *exit,
		      struct room_time now)
{
	struct envelope some = untold(room, KIND_EXIT, now.wall_ms);
	struct record record = { .kind = RECORD_UNSEAT,
				 .event = exit ? exit : &some,
				 .seat = { .ref = ref },
				 .aside = { .keep = true } };

	if (room->sink)
		recording_add(room, &record);
}

void recording_drop(struct room *room, uint32_t person)
{
	struct envelope all = untold(room, KIND_EXIT, 0);
	struct record record = { .kind = RECORD_DROP, .event = &all, .aside = { .keep = true } };

	all.author.number = person;
	if (room->sink)
		recording_add(room, &record);
}

void recording_pardon(struct room *room, const struct person *person)
{
	struct envelope pardon = untold(room, KIND_USER_UPDATE, 0);
	struct record record = { .kind = RECORD_PARDON,
				 .event = &pardon,
				 .aside = { .keep = true } };

	pardon.subject = *person;
	if (room->sink)
		recording_add(room, &record);
}
