#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/backend/wire.h"
#include "codecs/text/json_read.h"
#include "tests/codecs/backend/wire_golden.h"

/* Envelopes of every kind as Dragoman writes them, byte by byte. */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TIME_MS      1795289388027
#define ID(sequence) (((TIME_MS + (sequence)-1704067200000) << 13) | 1 << 9)
#define MESSAGE_ID   (ID(0) | 3)

static const struct person ann = { .name = { "ann", 3 },
				   .number = 7,
				   .uuid = { 0x1a, 0x2b, 0x3c, 0x4d, 0, 7, 0x4e, 0x5f, 0x80, 0x61,
					     0x72, 0x83, 0x94, 0xa5, 0xb6, 0xc7 },
				   .roles = ROLE_USER | ROLE_MOD };
static const struct person bob = { .name = { "bob", 3 },
				   .number = 1073741832,
				   .uuid = { 0x1a, 0x2b, 0x3c, 0x4d, 0, 8, 0x4e, 0x5f, 0x80, 0x61,
					     0x72, 0x83, 0x94, 0xa5, 0xb6, 0xc8 },
				   .roles = ROLE_USER };

static const struct origin mixer = { { "mixer", 5 }, { "/mixer", 6 }, 0, { NULL, 0 }, 0 };
static const struct origin concord = { { "concord", 7 }, { "/concord", 8 }, 0, { NULL, 0 }, 0 };
static const struct origin rooms = { { "rooms", 5 }, { "/rooms", 6 }, 1, { NULL, 0 }, 0 };

static const uint64_t removed[] = { MESSAGE_ID, MESSAGE_ID + 1 };

static const struct part parts[] = {
	{ .kind = PART_TEXT, .text = { "hi ", 3 } },
	{ .kind = PART_MENTION, .text = { "@bob", 4 }, .name = { "bob", 3 }, .number = 1073741832 },
	{ .kind = PART_TEXT, .text = { " ", 1 } },
	{ .kind = PART_EMOTE, .text = { ":)", 2 }, .name = { "default", 7 }, .x = 96, .y = 24 },
	{ .kind = PART_TEXT, .text = { " ", 1 } },
	{ .kind = PART_LINK, .text = { "mixer.com", 9 }, .name = { "http://mixer.com", 16 } },
	{ .kind = PART_TEXT, .text = { " ", 1 } },
	{ .kind = PART_IMAGE,
	  .text = { "<pic>", 5 },
	  .name = { "https://example.org/pic.png", 27 } },
};

static const struct reaction_count reactions[] = {
	{ { "\xf0\x9f\x91\x8d", 4 }, 2 },
	{ { "x", 1 }, 1 },
};

static struct poll polled(uint32_t yes, uint32_t no, uint32_t voters)
{
	return (struct poll){ .question = SLICE("Tea?"),
			      .options = { SLICE("yes"), SLICE("no") },
			      .counts = { yes, no },
			      .option_count = 2,
			      .voters = voters,
			      .duration_ms = 60000,
			      .ends_ms = TIME_MS + 60040 };
}

/* An event, in its place if it has one, by ann of mixer. */
static struct envelope ordered(enum envelope_kind kind, uint64_t sequence)
{
	return (struct envelope){ .kind = kind,
				  .id = ID(sequence),
				  .sequence = sequence,
				  .time_ms = TIME_MS + sequence,
				  .room = SLICE("lobby"),
				  .author = ann,
				  .correlation = SLICE("\"the sender's own\""),
				  .origin = mixer };
}

static struct envelope ordered_by_bob(enum envelope_kind kind, uint64_t sequence,
				      struct origin origin)
{
	struct envelope event = ordered(kind, sequence);

	event.author = bob;
	event.origin = origin;
	return event;
}

static void compare(const char *name, const struct envelope *event)
{
	struct envelope placed = *event;
	struct json_writer w;
	struct json_object object;

	if (!envelope_has_place(event))
		placed.sequence = 0;
	json_start(&w, 0, 0);
	wire_put_envelope(&w, &placed);
	assert_int_equal(json_read(slice_span(w.data, w.len), WIRE_DEPTH_MAX, &object), JSON_OK);
	golden_compare(name, &w);
}

static void messages(void **state)
{
	struct envelope e = ordered(KIND_MESSAGE, 41);

	(void)state;
	e.text = SLICE("hi @bob :) mixer.com <pic>");
	e.parts = parts;
	e.part_count = COUNT(parts);
	compare("envelope-message", &e);

	e = ordered_by_bob(KIND_MESSAGE, 42, concord);
	e.client_time_ms = TIME_MS - 5;
	e.thread = SLICE("tea");
	e.text = SLICE("waves \"at\"\neverybody \0 \xf0\x9f\x98\x80");
	e.flags = FLAG_ACTION | FLAG_DEGRADED;
	compare("envelope-message-action", &e);

	e = ordered(KIND_MESSAGE, 43);
	e.subject = bob;
	e.text = SLICE("psst");
	e.flags = FLAG_PRIVATE;
	compare("envelope-message-private", &e);

	e = ordered(KIND_MESSAGE, 44);
	e.text = SLICE("the second text");
	e.flags = FLAG_EDITED;
	compare("envelope-message-edited", &e);

	e = ordered(KIND_MESSAGE, 0);
	e.id = 0;
	e.text = SLICE("may I?");
	compare("envelope-message-asked", &e);
}

static void edits_and_removals(void **state)
{
	struct envelope e = ordered(KIND_EDIT, 45);

	(void)state;
	e.origin = concord;
	e.target = MESSAGE_ID;
	compare("envelope-edit", &e);

	e = ordered(KIND_DELETE, 46);
	e.target = MESSAGE_ID;
	e.subject = bob;
	compare("envelope-delete", &e);

	e = ordered(KIND_CLEAR, 47);
	e.removed = removed;
	e.removed_count = 2;
	compare("envelope-clear", &e);

	e = ordered(KIND_PURGE, 48);
	e.subject = bob;
	e.removed = removed;
	e.removed_count = 1;
	compare("envelope-purge", &e);
}

static void reactions_typing_and_reading(void **state)
{
	struct envelope e = ordered_by_bob(KIND_REACTION, 49, concord);

	(void)state;
	e.target = MESSAGE_ID;
	e.text = reactions[0].emoji;
	e.flags = FLAG_ADDING;
	e.reactions = reactions;
	e.reaction_count = COUNT(reactions);
	compare("envelope-reaction", &e);

	e = ordered_by_bob(KIND_TYPING, 50, concord);
	e.client_time_ms = TIME_MS - 17;
	compare("envelope-typing", &e);

	e = ordered_by_bob(KIND_READ, 51, rooms);
	e.target = MESSAGE_ID;
	compare("envelope-read", &e);
}

static void comings_and_goings(void **state)
{
	struct envelope e =
	    ordered_by_bob(KIND_ENTER, 52, (struct origin){ .dialect = SLICE("simple") });

	(void)state;
	e.flags = FLAG_CONNECTED;
	compare("envelope-enter", &e);

	e = ordered_by_bob(KIND_EXIT, 53, (struct origin){ .dialect = SLICE("simple") });
	compare("envelope-exit", &e);

	e = ordered(KIND_INVITE, 54);
	e.subject = bob;
	e.origin = rooms;
	compare("envelope-invite", &e);

	e = ordered_by_bob(KIND_PRESENCE, 58, concord);
	e.text = SLICE("DO_NOT_DISTURB");
	compare("envelope-presence", &e);
}

static void moderation(void **state)
{
	struct envelope e = ordered(KIND_KICK, 55);

	(void)state;
	e.subject = bob;
	e.text = SLICE("spam");
	e.flags = FLAG_PERMANENT;
	e.removed = removed;
	e.removed_count = 1;
	compare("envelope-kick", &e);

	e = ordered(KIND_TIMEOUT, 56);
	e.subject = bob;
	e.text = SLICE("spamming");
	e.removed = removed;
	e.removed_count = 1;
	e.duration_ms = 300000;
	compare("envelope-timeout", &e);

	e = ordered(KIND_TIMEOUT, 57);
	e.subject = bob;
	e.text = SLICE("clear");
	compare("envelope-timeout-lifted", &e);

	e = ordered(KIND_USER_UPDATE, 59);
	e.subject = bob;
	e.subject.roles = (ROLE_MUTED << 1) - 1;
	compare("envelope-user_update", &e);
}

static void polls(void **state)
{
	struct envelope e = ordered(KIND_POLL_START, 60);
	struct poll poll = polled(0, 0, 0);

	(void)state;
	e.poll = &poll;
	compare("envelope-poll_start", &e);

	e = ordered(KIND_POLL_START, 61);
	e.flags = FLAG_AGAIN;
	poll = polled(1, 0, 1);
	e.poll = &poll;
	compare("envelope-poll_start-again", &e);

	e = ordered(KIND_POLL_VOTE, 0);
	e.id = 0;
	e.author = bob;
	compare("envelope-poll_vote", &e);

	e = ordered(KIND_POLL_END, 62);
	e.origin = (struct origin){ .dialect = SLICE("bridge") };
	poll = polled(3, 1, 4);
	e.poll = &poll;
	compare("envelope-poll_end", &e);
}

static void what_nobody_says(void **state)
{
	struct envelope e = ordered(KIND_NOTICE, 63);

	(void)state;
	e.author = (struct person){ .number = 0 };
	e.text = SLICE("Please be kind");
	e.origin = (struct origin){ .dialect = SLICE("backend"), .instance = SLICE("moderation") };
	compare("envelope-notice", &e);

	e = ordered(KIND_OPAQUE, 64);
	e.author = (struct person){ .number = 0 };
	e.extra = SLICE("{\"type\":\"event\",\"event\":\"SkillAttribution\","
			"\"data\":{\"cost\":1.5,\"id\":null}}");
	compare("envelope-opaque", &e);
}

static void write_and_compare(const struct envelope *event, const char *expected)
{
	struct json_writer w;

	json_start(&w, 0, 0);
	wire_put_envelope(&w, event);
	if (w.len != strlen(expected) || memcmp(w.data, expected, w.len) != 0)
		fail_msg("wrote %.*s\nnot   %s", (int)w.len, w.data, expected);
	json_clear(&w);
}

static void nothing_is_written_of_nothing(void **state)
{
	struct envelope e = { .kind = KIND_CLEAR };

	(void)state;
	write_and_compare(&e, "{\"kind\":\"clear\"}");
	e.extra = SLICE("\"level\":3,\"avatar\":null");
	write_and_compare(&e, "{\"kind\":\"clear\",\"extra\":{\"level\":3,\"avatar\":null}}");
	e.extra = (struct slice){ NULL, 0 };
	e.kind = KIND_MESSAGE;
	write_and_compare(&e, "{\"kind\":\"message\",\"text\":\"\"}");
	e.kind = KIND_POLL_VOTE;
	write_and_compare(&e, "{\"kind\":\"poll_vote\",\"choice\":0}");
	e = (struct envelope){ .kind = KIND_TYPING, .client_time_ms = -5, .text = SLICE("odd") };
	write_and_compare(&e, "{\"kind\":\"typing\",\"client_time_ms\":-5,\"text\":\"odd\"}");
	/* Somebody known by name or by number only. */
	e = (struct envelope){ .kind = KIND_PURGE, .subject = { .name = SLICE("bob") } };
	write_and_compare(&e, "{\"kind\":\"purge\",\"subject\":{\"name\":\"bob\"}}");
	e.subject = (struct person){ .number = 8 };
	write_and_compare(&e, "{\"kind\":\"purge\",\"subject\":{\"number\":8}}");
}

static void every_flag_has_a_name(void **state)
{
	struct envelope e = { .kind = KIND_CLEAR, .flags = (FLAG_CONNECTED << 1) - 1 };

	(void)state;
	write_and_compare(&e, "{\"kind\":\"clear\",\"flags\":[\"action\",\"private\",\"permanent\","
			      "\"adding\",\"again\",\"edited\",\"degraded\",\"connected\"]}");
	e.flags = ~e.flags;
	write_and_compare(&e, "{\"kind\":\"clear\"}");
}

static void only_single_roles_have_names(void **state)
{
	(void)state;
	assert_string_equal(person_role_name(ROLE_USER), "user");
	assert_string_equal(person_role_name(ROLE_MUTED), "muted");
	assert_null(person_role_name(0));
	assert_null(person_role_name(ROLE_USER | ROLE_MOD));
	assert_null(person_role_name(ROLE_MUTED << 1));
}

static void every_kind_and_example_is_written(void **state)
{
	char name[64];

	(void)state;
	for (unsigned kind = 0; kind < ENVELOPE_KINDS; kind++) {
		snprintf(name, sizeof(name), "envelope-%s",
			 envelope_kind_name((enum envelope_kind)kind));
		golden_check(name);
	}
	golden_each("envelope-", golden_check);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(edits_and_removals),
		cmocka_unit_test(reactions_typing_and_reading),
		cmocka_unit_test(comings_and_goings),
		cmocka_unit_test(moderation),
		cmocka_unit_test(polls),
		cmocka_unit_test(what_nobody_says),
		cmocka_unit_test(nothing_is_written_of_nothing),
		cmocka_unit_test(every_flag_has_a_name),
		cmocka_unit_test(only_single_roles_have_names),
		cmocka_unit_test(every_kind_and_example_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
