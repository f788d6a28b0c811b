/* Those who speak without being there, and those who speak under another name. */
#include "codecs/codec.h"
#include <stdlib.h>

#include "tests/routes/room/room_fixture.h"

#define ANN 1
#define BOB 2
#define EVE 66

static struct envelope words_of(uint32_t number, const char *name, const char *text)
{
	struct envelope draft = draft_of(KIND_MESSAGE, text);

	draft.author = person_of(number, name, ROLE_USER);
	return draft;
}

static enum reason visit(struct fixture *f, const struct envelope *draft)
{
	struct envelope *sealed = envelope_seal(draft);
	enum reason reason;

	envelope_release(f->ordered);
	f->ordered = NULL;
	reason = room_order_visitor(f->room, sealed, time_of(f), &f->ordered);
	if (!f->ordered)
		envelope_release(sealed);
	return reason;
}

static void a_visitor_says_messages_only(void **state)
{
	struct fixture f;
	struct envelope draft = words_of(EVE, "eve", "hi");

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, ANN, "ann", ROLE_USER);
	assert_int_equal(visit(&f, &draft), REASON_NONE);
	assert_int_equal(f.ordered->author.number, EVE);
	assert_true(slice_is(f.ordered->author.name, "eve"));
	assert_int_not_equal(f.ordered->id, 0);
	assert_int_equal(f.ordered->sequence, 2);
	assert_string_equal(history(&f, ANN), "hi");
	draft.flags = FLAG_ACTION;
	assert_int_equal(visit(&f, &draft), REASON_NONE);
	draft.flags = FLAG_PRIVATE;
	draft.subject.number = ANN;
	assert_int_equal(visit(&f, &draft), REASON_NOT_MEMBER);
	for (int kind = 0; kind < ENVELOPE_KINDS; kind++) {
		if (kind == KIND_MESSAGE)
			continue;
		draft = words_of(EVE, "eve", "hi");
		draft.kind = (enum envelope_kind)kind;
		assert_int_equal(visit(&f, &draft), REASON_NOT_MEMBER);
	}
	draft = words_of(0, "", "nobody");
	assert_int_equal(visit(&f, &draft), REASON_NOT_MEMBER);
	fixture_close(&f);
}

static void visitors_are_banned_and_muted_like_others(void **state)
{
	static const struct slice banned = { "Mallory", 7 };
	static const struct room_rules rules = { .name = { "lobby", 5 },
						 .open = true,
						 .banned = &banned,
						 .banned_count = 1,
						 .history = HISTORY_OF,
						 .remembered = 64 };
	struct fixture f;
	struct envelope eve = words_of(EVE, "eve", "hi"), draft;

	(void)state;
	fixture_open(&f, &rules);
	draft = words_of(9, "MALLORY", "hi");
	assert_int_equal(visit(&f, &draft), REASON_BANNED);
	assert_int_equal(treat(&f, BRIDGE, KIND_TIMEOUT, EVE, "eve", 0, 1000), REASON_NONE);
	assert_int_equal(visit(&f, &eve), REASON_MUTED);
	/* By name or by number, whichever is kept. */
	draft = words_of(EVE + 1, "Eve", "hi");
	assert_int_equal(visit(&f, &draft), REASON_MUTED);
	draft = words_of(EVE, "eva", "hi");
	assert_int_equal(visit(&f, &draft), REASON_MUTED);
	f.now_ms += 1000;
	assert_int_equal(visit(&f, &eve), REASON_NONE);
	assert_int_equal(treat(&f, BRIDGE, KIND_KICK, EVE, "eve", FLAG_PERMANENT, 0), REASON_NONE);
	assert_int_equal(visit(&f, &eve), REASON_BANNED);
	draft = words_of(3, "cy", "hi");
	draft.author.roles |= ROLE_MUTED;
	assert_int_equal(visit(&f, &draft), REASON_MUTED);
	draft.author.roles |= ROLE_BANNED;
	assert_int_equal(visit(&f, &draft), REASON_BANNED);
	fixture_close(&f);
}

/* What the dialect forbids to keep is kept nowhere, wherever it is passed on to. */
static void a_visitors_words_are_kept_as_the_dialect_allows(void **state)
{
	struct fixture f;
	struct envelope draft = words_of(EVE, "eve", "secret");

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, ANN, "ann", ROLE_USER);
	draft.origin.dialect = SLICE("rooms");
	assert_int_equal(visit(&f, &draft), REASON_NONE);
	assert_string_equal(history(&f, ANN), "");
	assert_true(room_knows(f.room, f.ordered->id));
	draft.origin.dialect = SLICE("backend");
	assert_int_equal(visit(&f, &draft), REASON_NONE);
	assert_string_equal(history(&f, ANN), "secret");
	fixture_close(&f);
}

/* A rule's name for somebody is shown; who it was, and may take it back, stays. */
static void a_shown_name_changes_nobody(void **state)
{
	struct fixture f;
	struct envelope draft = words_of(99, "Shown", "hi");
	uint64_t id;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, ANN, "ann", ROLE_USER);
	enter(&f, BOB, "bob", ROLE_USER);
	draft.flags = FLAG_RENAMED;
	assert_int_equal(ask(&f, ANN, &draft), REASON_NONE);
	assert_true(slice_is(f.ordered->author.name, "Shown"));
	assert_int_equal(f.ordered->author.number, ANN);
	id = f.ordered->id;
	assert_int_equal(act(&f, BOB, KIND_EDIT, id), REASON_UNKNOWN_MESSAGE);
	assert_int_equal(act(&f, ANN, KIND_EDIT, id), REASON_NONE);
	assert_int_equal(act(&f, ANN, KIND_DELETE, id), REASON_NONE);
	assert_true(slice_is(f.ordered->subject.name, "ann"));
	/* Nobody else's name is taken: without the flag, a draft's name counts for nothing. */
	draft.flags = 0;
	assert_int_equal(ask(&f, ANN, &draft), REASON_NONE);
	assert_true(slice_is(f.ordered->author.name, "ann"));
	fixture_close(&f);
}

static void members_are_listed(void **state)
{
	struct fixture f;
	struct person *members;
	size_t count = 77;

	(void)state;
	fixture_open(&f, NULL);
	assert_null(room_members(f.room, 0, 10, &count));
	assert_int_equal(count, 0);
	enter(&f, ANN, "ann", ROLE_USER | ROLE_MOD);
	enter(&f, BOB, "bob", ROLE_USER);
	assert_int_equal(enter_by(&f, 3, DIALECT_SIMPLE, person_of(ANN, "ann", ROLE_USER), 0),
			 REASON_NONE);
	assert_int_equal(enter_by(&f, 4, DIALECT_MIXER, (struct person){ .number = 0 }, 0),
			 REASON_NONE);
	assert_int_equal(room_roles(f.room, ref_of(3)), ROLE_USER | ROLE_MOD);
	assert_int_equal(room_roles(f.room, ref_of(4)), 0);
	assert_int_equal(room_roles(f.room, ref_of(5)), 0);
	members = room_members(f.room, 0, 10, &count);
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++) {
		bool ann = members[i].number == ANN;

		assert_true(slice_is(members[i].name, ann ? "ann" : "bob"));
		assert_int_equal(members[i].roles, ann ? ROLE_USER | ROLE_MOD : ROLE_USER);
	}
	assert_int_not_equal(members[0].number, members[1].number);
	free(members);
	members = room_members(f.room, 0, 1, &count);
	assert_int_equal(count, 1);
	free(members);
	/* Who is dropped is not there any more. */
	assert_true(room_drop(f.room, ANN));
	assert_false(room_drop(f.room, ANN));
	members = room_members(f.room, 0, 10, &count);
	assert_int_equal(count, 1);
	assert_int_equal(members[0].number, BOB);
	free(members);
	fixture_close(&f);
}

/* A ban may come before its subject does; to put somebody out they have to be in. */
static void only_those_inside_are_kicked(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	assert_int_equal(treat(&f, BRIDGE, KIND_KICK, EVE, "eve", 0, 0), REASON_UNKNOWN_PERSON);
	assert_int_equal(treat(&f, BRIDGE, KIND_KICK, EVE, "eve", FLAG_PERMANENT, 0), REASON_NONE);
	enter(&f, BOB, "bob", ROLE_USER);
	assert_int_equal(treat(&f, BRIDGE, KIND_KICK, 0, "bob", 0, 0), REASON_NONE);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_visitor_says_messages_only),
		cmocka_unit_test(visitors_are_banned_and_muted_like_others),
		cmocka_unit_test(a_visitors_words_are_kept_as_the_dialect_allows),
		cmocka_unit_test(a_shown_name_changes_nobody),
		cmocka_unit_test(members_are_listed),
		cmocka_unit_test(only_those_inside_are_kicked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
