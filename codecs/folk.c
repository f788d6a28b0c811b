#include "codecs/folk.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/hash.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

struct folk_person {
	UT_hash_handle hh;
	bool online, in_vain;
	uint64_t in_vain_ms;
	struct slice name; /* owned */
	size_t len;
	char id[];
};

/* Beside its own bytes: see call_peer.scratch. */
#define SCRATCH_MORE 1024

struct folk_frame {
	struct folk_frame *next;
	size_t len;
	char text[];
};

/* ---- people ---- */

static void forget_everybody(struct folk *folk)
{
	struct folk_person *person, *next;

	HASH_ITER(hh, folk->people, person, next)
	{
		HASH_DEL(folk->people, person);
		free((char *)(uintptr_t)person->name.data);
		free(person);
	}
}

static struct folk_person *find_person(const struct folk *folk, struct slice id)
{
	struct folk_person *found = NULL;

	if (id.len)
		HASH_FIND(hh, folk->people, id.data, id.len, found);
	return found;
}

static struct folk_person *need_person(struct folk *folk, struct slice id)
{
	struct folk_person *person = find_person(folk, id);

	if (person)
		return person;
	if (HASH_COUNT(folk->people) >= FOLK_PEOPLE_MAX)
		forget_everybody(folk);
	person = memory_zeroed(1, sizeof(*person) + id.len);
	person->len = id.len;
	memcpy(person->id, id.data, id.len);
	HASH_ADD_KEYPTR(hh, folk->people, person->id, person->len, person);
	return person;
}

void folk_put(struct folk *folk, struct slice id, struct slice name, bool online)
{
	struct folk_person *person;

	if (id.len == 0 || id.len > FOREIGN_ID_MAX)
		return;
	person = need_person(folk, id);
	person->online = online;
	name = text_clip(name, FOLK_NAME_MAX);
	if (name.len == 0)
		return;
	free((char *)(uintptr_t)person->name.data);
	person->name = slice_span(memory_text(name.data, name.len), name.len);
	person->in_vain = false;
}

struct slice folk_name(const struct folk *folk, struct slice id)
{
	const struct folk_person *person = find_person(folk, id);

	return person ? person->name : (struct slice){ NULL, 0 };
}

bool folk_online(const struct folk *folk, struct slice id)
{
	const struct folk_person *person = find_person(folk, id);

	return person && person->online;
}

/* ---- asking ---- */

static const struct folk_asked *find_asked(const struct folk *folk, struct slice id)
{
	for (size_t i = 0; i < FOLK_ASKED_MAX; i++)
		if (folk->asked[i].len &&
		    slice_equal(slice_span(folk->asked[i].id, folk->asked[i].len), id))
			return &folk->asked[i];
	return NULL;
}

uint32_t folk_ask(struct folk *folk, struct slice id, uint64_t now_ms)
{
	const struct folk_person *person = find_person(folk, id);

	if (id.len == 0 || id.len > FOREIGN_ID_MAX || find_asked(folk, id))
		return 0;
	if (person &&
	    (person->name.data || (person->in_vain && now_ms - person->in_vain_ms < FOLK_AGAIN_MS)))
		return 0;
	for (uint32_t i = 0; i < FOLK_ASKED_MAX; i++) {
		struct folk_asked *asked = &folk->asked[i];

		if (asked->len)
			continue;
		memcpy(asked->id, id.data, id.len);
		asked->len = id.len;
		asked->since_ms = now_ms;
		return i + 1;
	}
	return 0;
}

struct slice folk_answered(struct folk *folk, uint32_t asked, char id[FOREIGN_ID_MAX])
{
	struct folk_asked *found;
	size_t len;

	if (asked < 1 || asked > FOLK_ASKED_MAX || !folk->asked[asked - 1].len)
		return (struct slice){ NULL, 0 };
	found = &folk->asked[asked - 1];
	len = found->len;
	memcpy(id, found->id, len);
	found->len = 0;
	return slice_span(id, len);
}

void folk_in_vain(struct folk *folk, struct slice id, uint64_t now_ms)
{
	struct folk_person *person;

	if (id.len == 0 || id.len > FOREIGN_ID_MAX)
		return;
	person = need_person(folk, id);
	person->in_vain = true;
	person->in_vain_ms = now_ms;
}

bool folk_waits(const struct folk *folk, struct slice id, uint64_t now_ms)
{
	const struct folk_asked *asked = find_asked(folk, id);

	return asked && !folk_name(folk, id).data && now_ms - asked->since_ms < FOLK_WAIT_MS;
}

/* ---- frames ---- */

bool folk_holds(const struct folk *folk, uint64_t now_ms)
{
	return folk->held > 0 && now_ms - folk->held_since_ms < FOLK_WAIT_MS;
}

bool folk_hold(struct folk *folk, struct slice frame, uint64_t now_ms)
{
	struct folk_frame *kept;

	if (folk->held >= FOLK_HELD_MAX || folk->held_bytes + frame.len > FOLK_HELD_BYTES)
		return false;
	kept = memory_new(sizeof(*kept) + frame.len);
	kept->next = NULL;
	kept->len = frame.len;
	memcpy(kept->text, frame.data, frame.len);
	if (folk->last)
		folk->last->next = kept;
	else
		folk->first = kept;
	if (!folk->last)
		folk->held_since_ms = now_ms;
	folk->last = kept;
	folk->held++;
	folk->held_bytes += frame.len;
	return true;
}

static void drop_first(struct folk *folk)
{
	struct folk_frame *first = folk->first;

	folk->first = first->next;
	if (!folk->first)
		folk->last = NULL;
	folk->held--;
	folk->held_bytes -= first->len;
	free(first);
}

void folk_release(struct folk *folk, struct call_peer *peer, struct call_sink *sink,
		  folk_tell *tell, bool anyway)
{
	char *scratch = peer->scratch;
	bool told = true;

	while (folk->first && told) {
		struct folk_frame *first = folk->first;

		peer->scratch = memory_new(first->len + SCRATCH_MORE);
		told = tell(peer, slice_span(first->text, first->len), sink, anyway);
		free(peer->scratch);
		if (told)
			drop_first(folk);
		else
			folk->held_since_ms = peer->now_ms;
	}
	peer->scratch = scratch;
}

void folk_clear(struct folk *folk)
{
	while (folk->first)
		drop_first(folk);
	forget_everybody(folk);
	*folk = (struct folk){ 0 };
}
