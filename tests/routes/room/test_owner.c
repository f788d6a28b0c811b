#include "tests/routes/room/room_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "routes/room/fold.h"
#include "routes/room/overview.h"
#include "routes/room/recording.h"
#include "routes/room/rows.h"

/* Rooms that somebody made: their owner, lasting admins, invitations that are taken back, and
 * people who are not there. Each is asked of the room that judged, of one made of its records, and
 * of one made of the rows that these leave. */

#define ROWS_MAX 64

enum { OLE = 1, ADA, BOB, EVE, SAM, GUS = ROOM_NUMBERS_LASTING + 1 };

static const char *const names[] = {
	[OLE] = "Ole", [ADA] = "Ada", [BOB] = "Bob", [EVE] = "Eve", [SAM] = "Sam"
};

struct kept {
	struct row row;
	char folded[NAME_FOLDED_MAX];
};

struct made {
	struct fixture f, again, restored;
	struct kept rows[ROWS_MAX]; /* of marks, as they were set last */
	size_t count;
};

static bool same_key(const struct row *a, const struct row *b)
{
	return a->list == b->list && a->key.number == b->key.number &&
	       a->key.address == b->key.address && slice_equal(a->key.folded, b->key.folded);
}

static void keep_row(void *context, const struct row *row)
{
	struct made *m = context;
	size_t i = 0;

	if (row->kind != ROW_MARK)
		return;
	while (i < m->count && !same_key(&m->rows[i].row, row))
		i++;
	assert_true(i < ROWS_MAX);
	m->count += i == m->count;
	m->rows[i].row = *row;
	if (row->key.folded.len > 0)
		memcpy(m->rows[i].folded, row->key.folded.data, row->key.folded.len);
	m->rows[i].row.key.folded.data = m->rows[i].folded;
}

static void take_record(void *owner, const struct record *record)
{
	struct made *m = owner;
	char *bytes = memory_new(record_most(record));
	struct slice text = { bytes, record_write(record, (unsigned char *)bytes) };
	struct record read;

	assert_int_equal(record_read(text, &read), RECORD_SOUND);
	assert_true(room_apply(m->again.room, &read, time_of(&m->f)));
	record_change_rows(&read, text, keep_row, m);
	record_clear(&read);
	free(bytes);
	assert_true(room_digest(m->again.room) == room_digest(m->f.room));
}

static void made_open(struct made *m, bool open)
{
	struct room_rules rules = { .name = { "lobby", 5 },
				    .open = open,
				    .history = HISTORY_OF,
				    .remembered = 64,
				    .owner = OLE };

	memset(m, 0, sizeof(*m));
	fixture_open(&m->f, &rules);
	fixture_open(&m->again, &rules);
	room_record(m->f.room, take_record, m);
}

static void made_close(struct made *m)
{
	fixture_close(&m->f);
	fixture_close(&m->again);
	if (m->restored.room)
		fixture_close(&m->restored);
}

/* Once more, by what is there now. */
static void restore(struct made *m)
{
	if (m->restored.room)
		fixture_close(&m->restored);
	fixture_open(&m->restored, &m->f.rules);
	for (size_t i = 0; i < m->count; i++)
		if (m->rows[i].row.until_ms)
			assert_true(
			    room_restore(m->restored.room, &m->rows[i].row, time_of(&m->f)));
	room_restored(m->restored.room, time_of(&m->f));
}

static struct room_look look(struct made *m, const struct room *room, uint32_t number)
{
	struct person who = person_of(number, number == GUS ? "Gus" : names[number], ROLE_USER);
	struct room_look seen;

	room_look(room, &(struct room_entrant){ .person = &who }, time_of(&m->f), &seen);
	return seen;
}

/* What somebody who is not there would be, in all three. */
static void assert_would_be(struct made *m, uint32_t number, uint32_t roles, enum reason entry)
{
	const struct room *rooms[3];

	restore(m);
	rooms[0] = m->f.room;
	rooms[1] = m->again.room;
	rooms[2] = m->restored.room;
	for (size_t i = 0; i < 3; i++) {
		struct room_look seen = look(m, rooms[i], number);

		assert_int_equal(seen.roles, roles);
		assert_int_equal(seen.entry, entry);
		assert_int_equal(seen.admin, (roles & (ROLE_MOD | ROLE_OWNER)) != 0);
	}
}

static void assert_owner(struct made *m, uint32_t number)
{
	restore(m);
	assert_int_equal(room_owner(m->f.room), number);
	assert_int_equal(room_owner(m->again.room), number);
	assert_int_equal(room_owner(m->restored.room), number);
}

/* By somebody who need not be there, as calls ask. */
static enum reason asks(struct made *m, uint32_t asker, enum envelope_kind kind, uint32_t subject,
			uint32_t flags, uint32_t roles)
{
	struct envelope draft = draft_of(kind, ""), *sealed;
	struct fixture *f = &m->f;
	enum reason reason;

	draft.author =
	    person_of(asker, names[asker], asker == SAM ? ROLE_USER | ROLE_STAFF : ROLE_USER);
	draft.subject = person_of(subject, subject == GUS ? "Gus" : names[subject], roles);
	draft.flags = flags;
	sealed = envelope_seal(&draft);
	envelope_release(f->ordered);
	f->ordered = NULL;
	reason = room_order_person(f->room,
				   &(struct room_caller){ .form = DIALECT_ROOMS * CODEC_FORMS_MAX,
							  .absent = true,
							  .entrant = { .person = &draft.author } },
				   sealed, time_of(f), &f->ordered);
	if (!f->ordered)
		envelope_release(sealed);
	return reason;
}

static enum reason names_admin(struct made *m, uint32_t asker, uint32_t subject)
{
	return asks(m, asker, KIND_USER_UPDATE, subject, FLAG_PERMANENT, ROLE_USER | ROLE_MOD);
}

static enum reason gives_to(struct made *m, uint32_t asker, uint32_t subject)
{
	return asks(m, asker, KIND_USER_UPDATE, subject, FLAG_PERMANENT, ROLE_USER | ROLE_OWNER);
}

/* ---- tests ---- */

static void who_made_it_owns_it(void **state)
{
	struct made m;

	(void)state;
	made_open(&m, false);
	assert_owner(&m, OLE);
	assert_would_be(&m, OLE, ROLE_USER | ROLE_OWNER, REASON_NONE);
	assert_would_be(&m, BOB, ROLE_USER, REASON_CLOSED_ROOM);
	enter(&m.f, OLE, "Ole", ROLE_USER);
	assert_int_equal(m.f.roles, ROLE_USER | ROLE_OWNER);
	made_close(&m);
}

static void admins_whom_the_owner_names_last(void **state)
{
	struct made m;
	struct person other = { .name = SLICE("other"), .number = ADA };
	uint32_t *admins;
	size_t count;

	(void)state;
	made_open(&m, false);
	assert_int_equal(names_admin(&m, OLE, ADA), REASON_NONE);
	assert_int_equal(m.f.ordered->subject.roles, ROLE_USER | ROLE_MOD);
	assert_would_be(&m, ADA, ROLE_USER | ROLE_MOD, REASON_NONE);
	admins = room_admins(m.f.room, &count);
	assert_int_equal(count, 1);
	assert_int_equal(admins[0], ADA);
	free(admins);
	/* Whoever has the number, and another name. */
	assert_int_equal(room_enter(m.f.room, ref_of(ADA), 0,
				    &(struct room_entrant){ .person = &other }, time_of(&m.f),
				    &m.f.roles, &m.f.ordered),
			 REASON_CLOSED_ROOM);
	assert_int_equal(asks(&m, OLE, KIND_USER_UPDATE, ADA, FLAG_PERMANENT, ROLE_USER),
			 REASON_NONE);
	assert_would_be(&m, ADA, ROLE_USER, REASON_CLOSED_ROOM);
	made_close(&m);
}

static void only_the_owner_names_admins(void **state)
{
	struct made m;

	(void)state;
	made_open(&m, true);
	assert_int_equal(names_admin(&m, OLE, ADA), REASON_NONE);
	assert_int_equal(names_admin(&m, ADA, BOB), REASON_NO_RIGHT);
	assert_int_equal(names_admin(&m, EVE, BOB), REASON_NO_RIGHT);
	assert_int_equal(names_admin(&m, SAM, BOB), REASON_NO_RIGHT);
	assert_int_equal(names_admin(&m, EVE, EVE), REASON_NO_RIGHT);
	assert_int_equal(gives_to(&m, ADA, ADA), REASON_NO_RIGHT);
	assert_int_equal(gives_to(&m, SAM, SAM), REASON_NO_RIGHT);
	/* A guest's number is another's one day. */
	assert_int_equal(names_admin(&m, OLE, GUS), REASON_UNKNOWN_PERSON);
	assert_int_equal(gives_to(&m, OLE, GUS), REASON_UNKNOWN_PERSON);
	assert_owner(&m, OLE);
	assert_would_be(&m, BOB, ROLE_USER, REASON_NONE);
	made_close(&m);
}

static void an_owner_gives_the_room_away(void **state)
{
	struct made m;

	(void)state;
	made_open(&m, false);
	assert_int_equal(names_admin(&m, OLE, ADA), REASON_NONE);
	assert_int_equal(gives_to(&m, OLE, ADA), REASON_NONE);
	assert_owner(&m, ADA);
	assert_would_be(&m, ADA, ROLE_USER | ROLE_OWNER, REASON_NONE);
	assert_would_be(&m, OLE, ROLE_USER | ROLE_MOD, REASON_NONE);
	assert_int_equal(gives_to(&m, OLE, OLE), REASON_NO_RIGHT);
	assert_int_equal(gives_to(&m, ADA, OLE), REASON_NONE);
	assert_owner(&m, OLE);
	assert_would_be(&m, ADA, ROLE_USER | ROLE_MOD, REASON_NONE);
	made_close(&m);
}

static void who_is_removed_is_not_invited_any_more(void **state)
{
	struct made m;

	(void)state;
	made_open(&m, false);
	assert_int_equal(asks(&m, OLE, KIND_INVITE, BOB, 0, 0), REASON_NONE);
	assert_would_be(&m, BOB, ROLE_USER, REASON_NONE);
	enter(&m.f, BOB, "Bob", ROLE_USER);
	assert_int_equal(asks(&m, OLE, KIND_KICK, BOB, 0, 0), REASON_NONE);
	assert_false(m.f.ordered->flags & FLAG_ABSENT);
	assert_true(room_drop(m.f.room, BOB));
	assert_would_be(&m, BOB, ROLE_USER, REASON_CLOSED_ROOM);
	/* Before they came, too; and then there is nobody. */
	assert_int_equal(asks(&m, OLE, KIND_INVITE, BOB, 0, 0), REASON_NONE);
	assert_int_equal(asks(&m, OLE, KIND_KICK, BOB, 0, 0), REASON_NONE);
	assert_true(m.f.ordered->flags & FLAG_ABSENT);
	assert_would_be(&m, BOB, ROLE_USER, REASON_CLOSED_ROOM);
	assert_int_equal(asks(&m, OLE, KIND_KICK, BOB, 0, 0), REASON_UNKNOWN_PERSON);
	made_close(&m);
}

static void who_is_not_there_is_banned_and_pardoned(void **state)
{
	struct made m;
	uint32_t *banned;
	size_t count;

	(void)state;
	made_open(&m, true);
	assert_int_equal(names_admin(&m, OLE, ADA), REASON_NONE);
	assert_int_equal(asks(&m, ADA, KIND_KICK, BOB, FLAG_PERMANENT, 0), REASON_NONE);
	assert_true(m.f.ordered->flags & FLAG_ABSENT);
	assert_would_be(&m, BOB, ROLE_USER, REASON_BANNED);
	banned = room_banned(m.f.room, time_of(&m.f).steady_ms, &count);
	assert_int_equal(count, 1);
	assert_int_equal(banned[0], BOB);
	free(banned);
	assert_int_equal(asks(&m, EVE, KIND_USER_UPDATE, BOB, 0, ROLE_USER), REASON_NO_RIGHT);
	assert_int_equal(asks(&m, ADA, KIND_USER_UPDATE, BOB, 0, ROLE_USER), REASON_NONE);
	assert_would_be(&m, BOB, ROLE_USER, REASON_NONE);
	/* Nobody is to be lifted. */
	assert_int_equal(asks(&m, ADA, KIND_USER_UPDATE, BOB, 0, ROLE_USER), REASON_UNKNOWN_PERSON);
	made_close(&m);
}

static void nobody_bans_their_betters(void **state)
{
	struct made m;

	(void)state;
	made_open(&m, true);
	assert_int_equal(names_admin(&m, OLE, ADA), REASON_NONE);
	assert_int_equal(names_admin(&m, OLE, EVE), REASON_NONE);
	assert_int_equal(asks(&m, ADA, KIND_KICK, EVE, FLAG_PERMANENT, 0), REASON_NO_RIGHT);
	assert_int_equal(asks(&m, ADA, KIND_KICK, OLE, FLAG_PERMANENT, 0), REASON_NO_RIGHT);
	assert_int_equal(asks(&m, BOB, KIND_KICK, GUS, FLAG_PERMANENT, 0), REASON_NO_RIGHT);
	/* Who was an admin is none after a ban. */
	assert_int_equal(asks(&m, OLE, KIND_KICK, EVE, FLAG_PERMANENT, 0), REASON_NONE);
	assert_int_equal(asks(&m, OLE, KIND_USER_UPDATE, EVE, 0, ROLE_USER), REASON_NONE);
	assert_would_be(&m, EVE, ROLE_USER, REASON_NONE);
	made_close(&m);
}

/* By the owner, of somebody called p and a number. */
static enum reason sets_numbered(struct made *m, size_t number, uint32_t roles)
{
	struct envelope draft = draft_of(KIND_USER_UPDATE, ""), *sealed;
	enum reason reason;
	char name[32];

	snprintf(name, sizeof(name), "p%zu", number);
	draft.author = person_of(OLE, "Ole", ROLE_USER);
	draft.subject = person_of(100 + (uint32_t)number, name, roles);
	draft.flags = FLAG_PERMANENT;
	sealed = envelope_seal(&draft);
	envelope_release(m->f.ordered);
	m->f.ordered = NULL;
	reason = room_order_person(
	    m->f.room,
	    &(struct room_caller){ .absent = true, .entrant = { .person = &draft.author } }, sealed,
	    time_of(&m->f), &m->f.ordered);
	if (!m->f.ordered)
		envelope_release(sealed);
	return reason;
}

/* None is forgotten for another; but there is a way back. */
static void there_are_so_many_admins_at_most(void **state)
{
	struct made m;
	enum reason reason = REASON_NONE;
	size_t named = 0;

	(void)state;
	made_open(&m, true);
	room_record(m.f.room, NULL, NULL);
	while (reason == REASON_NONE && named < 5000) {
		reason = sets_numbered(&m, named, ROLE_USER | ROLE_MOD);
		named += reason == REASON_NONE;
	}
	assert_int_equal(reason, REASON_TOO_MANY);
	assert_int_equal(named, 1024);
	assert_int_equal(sets_numbered(&m, 0, ROLE_USER), REASON_NONE);
	assert_int_equal(sets_numbered(&m, named, ROLE_USER | ROLE_MOD), REASON_NONE);
	assert_int_equal(sets_numbered(&m, 0, ROLE_USER | ROLE_MOD), REASON_TOO_MANY);
	made_close(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_made_it_owns_it),
		cmocka_unit_test(admins_whom_the_owner_names_last),
		cmocka_unit_test(only_the_owner_names_admins),
		cmocka_unit_test(an_owner_gives_the_room_away),
		cmocka_unit_test(who_is_removed_is_not_invited_any_more),
		cmocka_unit_test(who_is_not_there_is_banned_and_pardoned),
		cmocka_unit_test(nobody_bans_their_betters),
		cmocka_unit_test(there_are_so_many_admins_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
