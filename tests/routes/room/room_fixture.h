/* room_fixture.h - a room's owner with people in it, for the tests of routes/room.
 *
 * A person's number is also the slot of their (first) connection. */
#ifndef TESTS_ROUTES_ROOM_ROOM_FIXTURE_H
#define TESTS_ROUTES_ROOM_ROOM_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "routes/room/judge.h"
#include "routes/room/members.h"
#include "tests/support/dialects.h"

#define START_MS   UINT64_C(1750000000000)
#define STEADY_MS  UINT64_C(777000) /* the steady clock at START_MS */
#define BRIDGE     0                /* as the one who asks */
#define OUTSIDER   9999
#define HISTORY_OF 16

struct fixture {
	struct room_rules rules;
	struct id_clock clock;
	struct room *room;
	uint64_t now_ms;          /* on the wall clock, had nobody set it */
	int64_t set_ms;           /* by how much somebody has */
	struct envelope *ordered; /* of the last ask(); released with the next */
	uint32_t roles;           /* of the last enter() */
};

static inline void fixture_open(struct fixture *f, const struct room_rules *rules)
{
	static const struct room_rules plain = {
		.name = { "lobby", 5 }, .open = true, .history = HISTORY_OF, .remembered = 64
	};

	*f = (struct fixture){ .rules = rules ? *rules : plain, .now_ms = START_MS };
	f->room = room_new(&f->rules, &f->clock, 3);
}

static inline void fixture_close(struct fixture *f)
{
	envelope_release(f->ordered);
	room_free(f->room);
}

static inline struct room_time time_of(const struct fixture *f)
{
	return (struct room_time){ f->now_ms + (uint64_t)f->set_ms,
				   f->now_ms - START_MS + STEADY_MS };
}

static inline struct session_ref ref_of(uint32_t slot)
{
	return (struct session_ref){ slot % WORKERS_MAX, slot, 1 };
}

static inline struct person person_of(uint32_t number, const char *name, uint32_t roles)
{
	struct person person = { .name = slice_of(name), .number = number, .roles = roles };

	memset(person.uuid, (int)(number & 0x7f), sizeof(person.uuid));
	return person;
}

/* Enters by that connection; the ENTER event, if any, becomes f->ordered. */
static inline enum reason enter_form(struct fixture *f, uint32_t slot, uint32_t form,
				     struct person person, uint64_t address)
{
	struct room_entrant who = { &person, address != 0, address };

	envelope_release(f->ordered);
	f->ordered = NULL;
	return room_enter(f->room, ref_of(slot), form, &who, time_of(f), &f->roles, &f->ordered);
}

/* In the first form of that dialect. */
static inline enum reason enter_by(struct fixture *f, uint32_t slot, size_t dialect,
				   struct person person, uint64_t address)
{
	return enter_form(f, slot, (uint32_t)dialect * CODEC_FORMS_MAX, person, address);
}

static inline void enter(struct fixture *f, uint32_t number, const char *name, uint32_t roles)
{
	assert_int_equal(enter_by(f, number, DIALECT_MIXER, person_of(number, name, roles), 0),
			 REASON_NONE);
}

/* Leaves; the EXIT event, if any, becomes f->ordered. */
static inline bool leave(struct fixture *f, uint32_t slot)
{
	envelope_release(f->ordered);
	f->ordered = NULL;
	return room_leave(f->room, ref_of(slot), time_of(f), &f->ordered);
}

/* Orders a draft by that connection (or BRIDGE); the event, if any, becomes f->ordered. */
static inline enum reason ask(struct fixture *f, uint32_t slot, const struct envelope *draft)
{
	struct session_ref ref = ref_of(slot);
	struct envelope *sealed = envelope_seal(draft);
	enum reason reason;

	envelope_release(f->ordered);
	f->ordered = NULL;
	reason = room_order(f->room, slot == BRIDGE ? NULL : &ref, sealed, time_of(f), &f->ordered);
	/* Still ours, and as it was, for the answer. */
	if (!f->ordered) {
		assert_int_equal(sealed->kind, draft->kind);
		assert_true(slice_equal(sealed->correlation, draft->correlation));
		assert_int_equal(sealed->id, draft->id);
		envelope_release(sealed);
	}
	return reason;
}

static inline struct envelope draft_of(enum envelope_kind kind, const char *text)
{
	return (struct envelope){ .kind = kind,
				  .room = SLICE("lobby"),
				  .text = slice_of(text),
				  .correlation = SLICE("42"),
				  .origin = { .dialect = SLICE("mixer") } };
}

/* A message; returns its id. */
static inline uint64_t say(struct fixture *f, uint32_t slot, const char *text)
{
	struct envelope draft = draft_of(KIND_MESSAGE, text);

	assert_int_equal(ask(f, slot, &draft), REASON_NONE);
	assert_non_null(f->ordered);
	return f->ordered->id;
}

static inline enum reason say_reason(struct fixture *f, uint32_t slot)
{
	struct envelope draft = draft_of(KIND_MESSAGE, "hi");

	return ask(f, slot, &draft);
}

/* Something done to a message. */
static inline enum reason act(struct fixture *f, uint32_t slot, enum envelope_kind kind,
			      uint64_t target)
{
	struct envelope draft = draft_of(kind, "x");

	draft.target = target;
	return ask(f, slot, &draft);
}

/* Something done to a person, by number, or by name if number is 0. */
static inline enum reason treat(struct fixture *f, uint32_t slot, enum envelope_kind kind,
				uint32_t number, const char *name, uint32_t flags,
				uint64_t duration_ms)
{
	struct envelope draft = draft_of(kind, "");

	draft.subject.number = number;
	draft.subject.name = slice_of(name);
	draft.flags = flags;
	draft.duration_ms = duration_ms;
	return ask(f, slot, &draft);
}

/* The kept texts, oldest first, as "a|b". */
static inline const char *history(struct fixture *f, uint32_t slot)
{
	static char text[512];
	const struct envelope *events[HISTORY_OF];
	size_t count = room_history(f->room, ref_of(slot), HISTORY_OF, events), at = 0;

	for (size_t i = 0; i < count; i++) {
		if (i)
			text[at++] = '|';
		memcpy(text + at, events[i]->text.data, events[i]->text.len);
		at += events[i]->text.len;
		envelope_release(events[i]);
	}
	text[at] = '\0';
	return text;
}

#endif
