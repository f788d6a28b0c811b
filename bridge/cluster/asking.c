#include "bridge/cluster/asking.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/room_table.h"
#include "codecs/form.h"
#include "codecs/http.h"
#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "routes/room/judge.h"

#define HEAD_BYTES 28

enum { BY_GUEST = 1, BY_SESSION = 2, BY_BRIDGE = 4, VOUCHED = 8 };

static void put(unsigned char *to, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t get(const unsigned char *from, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value |= (uint64_t)from[i] << 8 * i;
	return value;
}

/* ---- writing ---- */

static void of_enter(const struct post *post, struct asking *asking, struct envelope *event)
{
	const struct post_enter *enter = (const struct post_enter *)post;

	asking->kind = ASKING_ENTER;
	asking->by_session = true;
	asking->guest = enter->guest;
	asking->address = enter->address;
	asking->form = enter->form;
	*event = *enter->event;
	event->room = enter->room->rules.name;
}

static void of_leave(const struct post *post, struct asking *asking, struct envelope *event)
{
	const struct post_leave *leave = (const struct post_leave *)post;

	asking->kind = ASKING_LEAVE;
	asking->by_session = true;
	*event = (struct envelope){ .kind = KIND_EXIT, .room = leave->room->rules.name };
}

/* Who calls by HTTP is judged by the form that the dialect's connections have at first. */
static uint32_t form_of_call(const struct envelope *event)
{
	size_t dialect = registry_find(event->origin.dialect);
	const struct codec *codec;

	if (dialect >= registry_count())
		return 0;
	codec = registry_codec(dialect);
	return form_number(dialect, codec, &codec->forms[0]);
}

static void of_draft(const struct post *post, struct asking *asking, struct envelope *event)
{
	const struct post_draft *draft = (const struct post_draft *)post;

	asking->kind = ASKING_SPEAK;
	asking->by_session = post->asker.kind == ASKER_SESSION;
	asking->by_bridge = draft->backend != SIZE_MAX || draft->trusted || draft->agreed;
	asking->vouched = draft->vouched;
	asking->whose = draft->whose;
	asking->guest = draft->calling.guest;
	asking->address = draft->calling.address;
	*event = *draft->event;
	event->room = draft->room->rules.name;
	if (post->asker.kind == ASKER_CALL)
		asking->form = form_of_call(event);
}

/* Of the event, by what is asked. */
static const enum record_kind record_kinds[] = {
	[ASKING_ENTER] = RECORD_SEAT, [ASKING_LEAVE] = RECORD_UNSEAT, [ASKING_SPEAK] = RECORD_EVENT
};

static void put_head(unsigned char *to, const struct asking *asking)
{
	put(to, asking->kind, 1);
	put(to + 1,
	    (asking->guest ? BY_GUEST : 0u) | (asking->by_session ? BY_SESSION : 0u) |
		(asking->by_bridge ? BY_BRIDGE : 0u) | (asking->vouched ? VOUCHED : 0u),
	    1);
	put(to + 2, asking->whose, 2);
	put(to + 4, asking->ref.worker, 4);
	put(to + 8, asking->ref.slot, 4);
	put(to + 12, asking->ref.generation, 4);
	put(to + 16, asking->form, 4);
	put(to + 20, asking->address, 8);
}

unsigned char *asking_write(const struct post *post, size_t *len)
{
	static void (*const of[POST_KINDS])(const struct post *, struct asking *,
					    struct envelope *) = {
		[POST_ENTER] = of_enter, [POST_LEAVE] = of_leave, [POST_DRAFT] = of_draft
	};
	struct envelope event;
	struct asking asking = { 0 };
	struct record record = {
		.kind = RECORD_EVENT, .number = 1, .event = &event, .aside = { .keep = true }
	};
	unsigned char *bytes;

	of[post->kind](post, &asking, &event);
	if (asking.kind == ASKING_SPEAK && event.kind != KIND_INVITE && !envelope_has_place(&event))
		return NULL;
	record.kind = record_kinds[asking.kind];
	if (asking.by_session)
		asking.ref = asker_session(&post->asker);
	bytes = memory_new(HEAD_BYTES + record_most(&record));
	put_head(bytes, &asking);
	*len = HEAD_BYTES + record_write(&record, bytes + HEAD_BYTES);
	if (*len <= ASKING_MAX)
		return bytes;
	free(bytes);
	return NULL;
}

/* ---- reading ---- */

static void get_head(const unsigned char *from, struct asking *asking)
{
	unsigned flags = from[1];

	*asking = (struct asking){ .kind = from[0],
				   .guest = flags & BY_GUEST,
				   .by_session = flags & BY_SESSION,
				   .by_bridge = flags & BY_BRIDGE,
				   .vouched = flags & VOUCHED,
				   .whose = from[2] };
	asking->ref.worker = (uint32_t)get(from + 4, 4);
	asking->ref.slot = (uint32_t)get(from + 8, 4);
	asking->ref.generation = (uint32_t)get(from + 12, 4);
	asking->form = (uint32_t)get(from + 16, 4);
	asking->address = get(from + 20, 8);
}

bool asking_read(struct slice bytes, struct asking *asking)
{
	const unsigned char *from = (const unsigned char *)bytes.data;

	if (bytes.len < HEAD_BYTES || from[0] < ASKING_ENTER || from[0] > ASKING_SPEAK ||
	    from[2] > WHOSE_ANY)
		return false;
	get_head(from, asking);
	if (asking->ref.worker >= WORKERS_MAX || asking->form >= FORM_NUMBERS ||
	    form_dialect(asking->form) >= registry_count())
		return false;
	if (record_read(slice_span(bytes.data + HEAD_BYTES, bytes.len - HEAD_BYTES),
			&asking->record) != RECORD_SOUND)
		return false;
	if (asking->record.kind == record_kinds[asking->kind])
		return true;
	record_clear(&asking->record);
	return false;
}

void asking_clear(struct asking *asking)
{
	record_clear(&asking->record);
}
