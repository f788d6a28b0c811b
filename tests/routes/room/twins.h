/* twins.h - rooms that judge whatever is asked of them, and a twin of each that is only told the
 * records; and people who ask for anything. For test_fold_twins.c. */
#ifndef TESTS_ROUTES_ROOM_TWINS_H
#define TESTS_ROUTES_ROOM_TWINS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "routes/room/fold.h"
#include "routes/room/judge.h"
#include "routes/room/members.h"
#include "routes/room/overview.h"
#include "routes/room/recording.h"

#define ROOMS      5
#define PEOPLE     24
#define SLOTS      48
#define IDS        64 /* the last ones that people may refer to */
#define SECRET     "what may not be kept"
#define STREAM_MAX 1200 /* records of the first room that are tried again */

static uint64_t draw_state = 88172645463325252;

static inline uint64_t draw(uint64_t below)
{
	draw_state ^= draw_state << 13;
	draw_state ^= draw_state >> 7;
	draw_state ^= draw_state << 17;
	return draw_state % below;
}

static inline bool one_in(uint64_t many)
{
	return draw(many) == 0;
}

/* ---- rooms ---- */

struct twins {
	struct room_rules rules;
	struct id_clock clocks[2];
	struct room *rooms[2]; /* the first judges */
	uint64_t digest, ids[IDS];
	size_t id_count;
	unsigned char *bytes; /* of the record of this step */
	size_t size, records; /* how many in this step */
	bool seated[SLOTS];
	uint32_t numbers[SLOTS]; /* who sat there last */
};

struct world {
	struct twins twins[ROOMS];
	struct room_time now;
	char *stream; /* what the first room recorded, one after the other */
	size_t stream_size, stream_count;
	uint64_t digests[STREAM_MAX + 1]; /* after so many */
	size_t refused, made;
	/* Records, by what is special about them. */
	size_t kinds[RECORD_PARDON + 1], events[ENVELOPE_KINDS], more, votes, renamed, addresses,
	    present, own, unkept, forever, until;
};

static const struct slice admins[] = { { "Ann", 3 }, { "per4", 4 } }, banned[] = { { "per5", 4 } },
			  members[] = { { "per6", 4 }, { "per7", 4 } };

static inline void note_record(void *owner, const struct record *record)
{
	struct twins *t = owner;

	t->records++;
	t->bytes = memory_resize(t->bytes, record_most(record));
	t->size = record_write(record, t->bytes);
	assert_true(t->size <= record_most(record));
	if (!record->aside.keep)
		assert_null(memmem(t->bytes, t->size, SECRET, strlen(SECRET)));
}

static inline void twins_open(struct twins *t, unsigned index)
{
	static const struct room_rules rules[ROOMS] = {
		{ .name = { "first", 5 },
		  .open = true,
		  .admins = admins,
		  .admin_count = 2,
		  .history = 8,
		  .remembered = 40,
		  .removed_most = 3,
		  .threads = true,
		  .owner = 3 },
		{ .name = { "tiny", 4 },
		  .open = true,
		  .banned = banned,
		  .banned_count = 1,
		  .history = 1,
		  .remembered = 2,
		  .removed_most = 1 },
		{ .name = { "closed", 6 },
		  .admins = admins,
		  .admin_count = 1,
		  .members = members,
		  .member_count = 2,
		  .history = 20,
		  .remembered = 30 },
		{ .name = { "large", 5 },
		  .open = true,
		  .history = 200,
		  .remembered = 400,
		  .removed_most = 5,
		  .threads = true,
		  .owner = 2 },
		{ .name = { "no memory", 9 },
		  .open = true,
		  .admins = admins,
		  .admin_count = 2,
		  .banned = banned,
		  .banned_count = 1,
		  .members = members,
		  .member_count = 1,
		  .history = 0,
		  .remembered = 16,
		  .removed_most = 2 },
	};

	*t = (struct twins){ .rules = rules[index] };
	for (size_t i = 0; i < 2; i++)
		t->rooms[i] = room_new(&t->rules, &t->clocks[i], index);
	room_record(t->rooms[0], note_record, t);
	t->digest = room_digest(t->rooms[0]);
	assert_true(t->digest == room_digest(t->rooms[1]));
}

static inline void twins_close(struct twins *t)
{
	room_free(t->rooms[0]);
	room_free(t->rooms[1]);
	free(t->bytes);
}

/* The twin goes on judging, and the judge is told. */
static inline void twins_swap(struct twins *t)
{
	struct room *judge = t->rooms[0];

	room_record(judge, NULL, NULL);
	t->rooms[0] = t->rooms[1];
	t->rooms[1] = judge;
	room_record(t->rooms[0], note_record, t);
}

/* ---- what is asked for ---- */

/* Some have names that fold to the same. */
static inline struct person person_drawn(char name[16])
{
	uint32_t number = (uint32_t)draw(PEOPLE) + 1;
	struct person person = { .number = number, .roles = ROLE_USER };

	snprintf(name, 16, number == 1 ? "Ann" : number == 2 ? "ANN" : "per%u", number);
	if (one_in(20))
		snprintf(name, 16, "other%u", number % 3);
	person.name = slice_of(name);
	memset(person.uuid, (int)number, sizeof(person.uuid));
	if (number % 8 == 3)
		person.roles |= ROLE_MOD;
	if (number == 9)
		person.roles |= ROLE_OWNER;
	if (number == 10)
		person.roles |= ROLE_STAFF;
	return person;
}

static inline struct session_ref ref_of(uint32_t slot)
{
	return (struct session_ref){ slot % WORKERS_MAX, slot, 1 };
}

static inline uint32_t form_drawn(void)
{
	return (uint32_t)(draw(4) * CODEC_FORMS_MAX + (one_in(3) ? FORMS_PLAIN : 0));
}

/* A connection that is here, mostly; SLOTS: there is none. */
static inline uint32_t slot_drawn(const struct twins *t)
{
	uint32_t slot = (uint32_t)draw(SLOTS), tries = SLOTS;

	if (one_in(40))
		return slot;
	while (tries-- > 0 && !t->seated[slot])
		slot = (slot + 1) % SLOTS;
	return slot;
}

static inline void enter(struct world *w, struct twins *t)
{
	uint32_t slot = (uint32_t)draw(SLOTS), roles;
	struct envelope *event = NULL;
	char name[16];
	struct person person = person_drawn(name);
	uint64_t address = one_in(2) ? 0 : draw(6) + 100;

	if (one_in(15))
		person = (struct person){ .number = 0 };
	if (room_enter(t->rooms[0], ref_of(slot), form_drawn(),
		       &(struct room_entrant){ &person, address != 0, address }, w->now, &roles,
		       &event) == REASON_NONE)
		t->seated[slot] = true;
	if (t->seated[slot])
		t->numbers[slot] = person.number;
	envelope_release(event);
}

static inline void leave(struct world *w, struct twins *t)
{
	uint32_t slot = slot_drawn(t);
	struct envelope *event;

	t->seated[slot] = false;
	(void)room_leave(t->rooms[0], ref_of(slot), w->now, &event);
	envelope_release(event);
}

static inline void seats_look(struct twins *t)
{
	for (uint32_t slot = 0; slot < SLOTS; slot++)
		t->seated[slot] = room_has(t->rooms[0], ref_of(slot));
}

static inline uint64_t target_drawn(const struct twins *t)
{
	if (!t->id_count || one_in(30))
		return draw(1000);
	return t->ids[draw(t->id_count < IDS ? t->id_count : IDS)];
}

static inline struct poll poll_drawn(void)
{
	struct poll poll = { .question = SLICE("tea?"),
			     .options = { SLICE("yes"), SLICE("no"), SLICE("both") },
			     .option_count = (uint32_t)draw(4),
			     .counts = { 7, 7 },
			     .voters = 3,
			     .duration_ms = draw(1200000) };

	return poll;
}

static inline void words_drawn(struct envelope *draft, struct part parts[2])
{
	static const char *const texts[] = { "hello", "see a.b", SECRET, "" };
	static const char *const emojis[] = { ":+1:", "x", "\xf0\x9f\x98\x80", "" };

	draft->text = slice_of((draft->kind == KIND_REACTION ? emojis : texts)[draw(4)]);
	if (draft->text.len == 7) {
		parts[0] =
		    (struct part){ PART_TEXT, slice_span(draft->text.data, 4), SLICE(""), 0, 0, 0 };
		parts[1] = (struct part){
			PART_LINK, slice_span(draft->text.data + 4, 3), SLICE("http://a.b"), 0, 0, 0
		};
		draft->parts = parts;
		draft->part_count = 2;
	}
}

static inline enum envelope_kind kind_drawn(void)
{
	static const enum envelope_kind often[] = { KIND_MESSAGE, KIND_MESSAGE,  KIND_MESSAGE,
						    KIND_EDIT,    KIND_REACTION, KIND_POLL_VOTE,
						    KIND_DELETE,  KIND_TIMEOUT,  KIND_USER_UPDATE };

	enum envelope_kind kind = (enum envelope_kind)draw(ENVELOPE_KINDS);

	/* Not so often that nothing is left to act on. */
	if (one_in(2) || ((kind == KIND_CLEAR || kind == KIND_POLL_END) && !one_in(8)))
		return often[draw(sizeof(often) / sizeof(often[0]))];
	return kind;
}

static inline uint32_t roles_drawn(void)
{
	uint32_t roles = ROLE_USER;

	if (one_in(3))
		roles |= UINT32_C(1) << draw(8);
	if (one_in(12))
		roles |= one_in(2) ? ROLE_BANNED : ROLE_MUTED;
	return roles;
}

struct drawn {
	struct envelope draft;
	struct part parts[2];
	struct poll poll;
	char subject[16], shown[16], author[16];
};

static inline void draft_drawn(struct drawn *d, const struct twins *t, uint32_t own)
{
	struct envelope *draft = &d->draft;

	*draft =
	    (struct envelope){ .kind = kind_drawn(),
			       .room = one_in(4) ? SLICE("elsewhere") : t->rules.name,
			       .client_time_ms = (int64_t)draw(3),
			       .choice = (uint32_t)draw(4),
			       .correlation = SLICE("7"),
			       .origin = { .dialect = slice_of(registry_codec(draw(4))->name) } };
	words_drawn(draft, d->parts);
	draft->flags = (uint32_t)draw(1024) & (uint32_t)draw(1024);
	if (draft->kind == KIND_REACTION && !one_in(4))
		draft->flags |= FLAG_ADDING;
	draft->target = target_drawn(t);
	if (one_in(3))
		draft->thread = SLICE("thread");
	draft->author = person_drawn(d->author);
	if (draft->flags & FLAG_RENAMED)
		draft->author.name = SLICE("Queen");
	draft->subject = person_drawn(d->subject);
	draft->subject.roles = roles_drawn();
	if (one_in(3))
		draft->subject.number = 0;
	else if (one_in(2))
		draft->subject.name = (struct slice){ NULL, 0 };
	if (draft->kind == KIND_PURGE && one_in(2))
		draft->subject = (struct person){ .number = own };
	draft->duration_ms = one_in(3) ? 0 : one_in(9) ? UINT64_MAX - 5 : draw(90000);
	d->poll = poll_drawn();
	if (!one_in(5))
		draft->poll = &d->poll;
}

static inline void said(struct twins *t, struct envelope *event)
{
	if (event->kind == KIND_MESSAGE || one_in(3))
		t->ids[t->id_count++ % IDS] = event->id;
	envelope_release(event);
}

/* Whose kick is on its way is dropped, as a change of its own. */
static inline void ask(struct world *w, struct twins *t, uint32_t *kicked)
{
	uint32_t slot = slot_drawn(t);
	struct session_ref ref = ref_of(slot);
	struct envelope *event = NULL, *draft;
	struct drawn drawn;

	draft_drawn(&drawn, t, t->numbers[slot]);
	draft = envelope_seal(&drawn.draft);
	if (one_in(8))
		(void)room_order_visitor(t->rooms[0], draft, w->now, &event);
	else
		(void)room_order(t->rooms[0], one_in(4) ? NULL : &ref, draft, w->now, &event);
	if (!event) {
		w->refused++;
		envelope_release(draft);
		return;
	}
	w->made++;
	*kicked = event->kind == KIND_KICK ? event->subject.number : 0;
	said(t, event);
}

static inline void pardon(struct twins *t)
{
	char name[16];
	struct person person = person_drawn(name);

	if (one_in(2))
		person.name = (struct slice){ NULL, 0 };
	else if (one_in(4))
		person.number = 0;
	(void)room_pardon(t->rooms[0], &person);
}

/* The clocks go on; the wall clock may be set. */
static inline void wait(struct world *w)
{
	uint64_t ms = one_in(50) ? draw(86400000) : draw(20000);

	w->now.steady_ms += ms;
	w->now.wall_ms += ms;
	if (one_in(200))
		w->now.wall_ms += draw(7200000);
	if (one_in(200))
		w->now.wall_ms -= draw(7200000);
}

#endif
