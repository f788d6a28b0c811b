#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/name.h"
#include "routes/deliver/degrade.h"
#include "routes/deliver/words.h"

static const struct person ann = { .name = { "ann", 3 }, .number = 1 };
static const struct person bob = { .name = { "bob", 3 }, .number = 2 };
static const struct person nobody;

static struct envelope event_of(enum envelope_kind kind)
{
	return (struct envelope){ .kind = kind,
				  .id = 77,
				  .sequence = 5,
				  .time_ms = 1234,
				  .room = SLICE("lobby"),
				  .author = ann };
}

/* The stand-in for event is of that kind and says that. */
static void expect(const struct envelope *event, enum codec_rule rule, enum envelope_kind kind,
		   const char *text)
{
	struct degraded out;

	assert_true(degrade_event(event, rule, AUDIENCE_OTHERS, NULL, &out));
	assert_int_equal(out.event.text.len, strlen(text));
	assert_memory_equal(out.event.text.data, text, strlen(text));
	assert_int_equal(out.event.kind, kind);
	assert_int_equal(out.event.flags & FLAG_ACTION,
			 rule == RULE_ACTION && kind == KIND_MESSAGE ? FLAG_ACTION : 0);
	assert_int_equal(out.event.author.number, kind == KIND_MESSAGE ? event->author.number : 0);
	assert_int_equal(out.event.id, event->id);
	assert_int_equal(out.event.time_ms, event->time_ms);
	assert_true(slice_equal(out.event.room, event->room));
	degrade_clear(&out);
	assert_null(out.text);
}

static void expect_nothing(const struct envelope *event, enum codec_rule rule)
{
	struct degraded out;

	assert_false(degrade_event(event, rule, AUDIENCE_OTHERS, NULL, &out));
	degrade_clear(&out);
}

/* Who wrote it says it, whoever changed it: an action stays one, and links and mentions such. */
static void an_edit_is_said_again_by_its_writer(void **state)
{
	const struct part parts[] = {
		{ .kind = PART_TEXT, .text = SLICE("see ") },
		{ .kind = PART_LINK, .text = SLICE("x.org"), .name = SLICE("http://x.org") }
	};
	struct envelope edit = event_of(KIND_EDIT);
	struct degraded out;

	(void)state;
	edit.subject = bob;
	edit.text = SLICE("see x.org");
	edit.parts = parts;
	edit.part_count = 2;
	edit.flags = FLAG_ACTION;
	assert_true(degrade_event(&edit, RULE_TEXT, AUDIENCE_OTHERS, NULL, &out));
	assert_int_equal(out.event.kind, KIND_MESSAGE);
	assert_int_equal(out.event.author.number, bob.number);
	assert_int_equal(out.event.flags, FLAG_ACTION);
	assert_int_equal(out.event.id, edit.id);
	assert_true(slice_is(out.event.text, "* see x.org"));
	assert_int_equal(out.event.part_count, 3);
	assert_true(slice_is(out.event.parts[0].text, "* "));
	assert_int_equal(out.event.parts[2].kind, PART_LINK);
	degrade_clear(&out);
	/* The bridge changed what it had said itself. */
	edit.subject = nobody;
	assert_true(degrade_event(&edit, RULE_TEXT, AUDIENCE_OTHERS, NULL, &out));
	assert_int_equal(out.event.kind, KIND_NOTICE);
	assert_true(slice_is(out.event.text, "* see x.org"));
	degrade_clear(&out);
}

#define MINUTE UINT64_C(60000)
#define DAY    (24 * 60 * MINUTE)

static void an_edit_tells_whose_message_of_when(void **state)
{
	struct target_note note = { .time_ms = 3 * DAY + 63 * MINUTE };
	struct envelope edit = event_of(KIND_EDIT);

	(void)state;
	edit.time_ms = 3 * DAY + 70 * MINUTE;
	edit.note = &note;
	edit.subject = bob;
	edit.text = SLICE("new \"text\"\nServer: log in");
	expect(&edit, RULE_NOTICE, KIND_NOTICE,
	       "\"bob\"'s message of 01:03 UTC was changed by \"ann\" to \"new 'text' Server: log "
	       "in\"");
	edit.author = bob;
	edit.flags = FLAG_ACTION;
	edit.text = SLICE("waves");
	expect(&edit, RULE_NOTICE, KIND_NOTICE,
	       "\"bob\" changed the message of 01:03 UTC to \"*bob waves*\"");
	/* Of another day. */
	edit.time_ms += DAY;
	edit.author = nobody;
	edit.flags = 0;
	expect(&edit, RULE_NOTICE, KIND_NOTICE,
	       "\"bob\"'s message of 1970-01-04 01:03 UTC was changed to \"waves\"");
}

static void what_an_event_is_about_is_quoted(void **state)
{
	char words[80];
	struct target_note note = { .time_ms = 63 * MINUTE, .quote = SLICE("hello \"you\"") };
	struct envelope reaction = event_of(KIND_REACTION), delete = event_of(KIND_DELETE);

	(void)state;
	memset(words, 'w', sizeof(words));
	reaction.note = delete.note = &note;
	reaction.subject = delete.subject = bob;
	reaction.text = SLICE("😂");
	reaction.flags = FLAG_ADDING;
	expect(&reaction, RULE_NOTICE, KIND_NOTICE,
	       "\"ann\" reacted 😂 to \"bob\"'s message of 01:03 UTC: \"hello 'you'\"");
	reaction.flags = 0;
	note.quote = slice_span(words, sizeof(words));
	expect(&reaction, RULE_ACTION, KIND_MESSAGE,
	       "took back 😂 from \"bob\"'s message of 01:03 UTC: \""
	       "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww...\"");
	/* No half of a flag. */
	for (size_t i = 3; i + 8 <= sizeof(words); i += 8)
		memcpy(words + i, "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa", 8);
	note.quote = slice_span(words, 75);
	expect(&reaction, RULE_ACTION, KIND_MESSAGE,
	       "took back 😂 from \"bob\"'s message of 01:03 UTC: \"www🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪...\"");
	expect(&delete, RULE_NOTICE, KIND_NOTICE,
	       "\"bob\"'s message of 01:03 UTC was deleted by \"ann\"");
}

static void a_reaction_is_told(void **state)
{
	struct envelope reaction = event_of(KIND_REACTION);

	(void)state;
	reaction.text = SLICE("😂");
	reaction.flags = FLAG_ADDING;
	expect(&reaction, RULE_ACTION, KIND_MESSAGE, "reacted 😂");
	expect(&reaction, RULE_NOTICE, KIND_NOTICE, "\"ann\" reacted 😂");
	expect(&reaction, RULE_TEXT, KIND_MESSAGE, "*ann reacted 😂*");
	reaction.flags = 0;
	expect(&reaction, RULE_ACTION, KIND_MESSAGE, "took back 😂");
	expect(&reaction, RULE_NOTICE, KIND_NOTICE, "\"ann\" took back 😂");
}

static void a_deletion_names_the_writer_and_who_did_it(void **state)
{
	struct envelope delete = event_of(KIND_DELETE);

	(void)state;
	delete.subject = bob;
	expect(&delete, RULE_NOTICE, KIND_NOTICE, "\"bob\"'s message was deleted by \"ann\"");
	delete.subject = ann;
	expect(&delete, RULE_NOTICE, KIND_NOTICE, "\"ann\" deleted a message");
	delete.author = nobody;
	expect(&delete, RULE_NOTICE, KIND_NOTICE, "\"ann\"'s message was deleted");
	expect(&delete, RULE_TEXT, KIND_NOTICE, "\"ann\"'s message was deleted");
}

static void removals_are_told(void **state)
{
	struct envelope clear = event_of(KIND_CLEAR), purge = event_of(KIND_PURGE);

	(void)state;
	purge.subject = bob;
	expect(&clear, RULE_NOTICE, KIND_NOTICE, "\"ann\" cleared the messages");
	expect(&purge, RULE_NOTICE, KIND_NOTICE, "\"bob\"'s messages were removed by \"ann\"");
	clear.author = purge.author = nobody;
	expect(&clear, RULE_NOTICE, KIND_NOTICE, "the server cleared the messages");
	expect(&purge, RULE_NOTICE, KIND_NOTICE, "\"bob\"'s messages were removed");
}

static void a_kick_tells_the_reason(void **state)
{
	struct envelope kick = event_of(KIND_KICK);

	(void)state;
	kick.subject = bob;
	expect(&kick, RULE_NOTICE, KIND_NOTICE, "\"bob\" was kicked by \"ann\"");
	kick.text = SLICE("spam");
	expect(&kick, RULE_NOTICE, KIND_NOTICE, "\"bob\" was kicked by \"ann\": spam");
	kick.flags = FLAG_PERMANENT;
	expect(&kick, RULE_NOTICE, KIND_NOTICE, "\"bob\" was banned by \"ann\": spam");
	kick.author = nobody;
	expect(&kick, RULE_NOTICE, KIND_NOTICE, "\"bob\" was banned: spam");
}

static void a_timeout_tells_how_long(void **state)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} rows[] = {
		{ 30000, "\"bob\" was timed out for 30s by \"ann\": spam" },
		{ 75000, "\"bob\" was timed out for 1m15s by \"ann\": spam" },
		{ 90061001, "\"bob\" was timed out for 1d1h1m1s1ms by \"ann\": spam" },
		{ 0, "\"bob\"'s timeout was lifted by \"ann\": spam" },
	};
	struct envelope timeout = event_of(KIND_TIMEOUT);

	(void)state;
	timeout.subject = bob;
	timeout.text = SLICE("spam");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		timeout.duration_ms = rows[i].ms;
		expect(&timeout, RULE_NOTICE, KIND_NOTICE, rows[i].text);
	}
}

/* The victim always gets the reason in words, and alone where the dialect can do that. */
static void the_one_concerned_is_told(void **state)
{
	static const struct codec_view den = { .room_number = 22 };
	struct envelope event = event_of(KIND_KICK);
	struct degraded out;

	(void)state;
	event.subject = bob;
	event.text = SLICE("too\nloud");
	assert_true(degrade_event(&event, RULE_NOTICE, AUDIENCE_SUBJECT, NULL, &out));
	assert_true(slice_is(out.event.text, "You were kicked by \"ann\": too loud"));
	assert_int_equal(out.event.kind, KIND_NOTICE);
	assert_int_equal(out.event.flags, FLAG_PRIVATE);
	assert_int_equal(out.event.subject.number, bob.number);
	degrade_clear(&out);
	event.kind = KIND_TIMEOUT;
	event.duration_ms = 90000;
	assert_true(degrade_event(&event, RULE_NOTICE, AUDIENCE_SUBJECT, NULL, &out));
	assert_true(slice_is(out.event.text, "You were timed out for 1m30s by \"ann\": too loud"));
	degrade_clear(&out);
	event.duration_ms = 0;
	event.text = SLICE("");
	event.author = nobody;
	assert_true(degrade_event(&event, RULE_NOTICE, AUDIENCE_SUBJECT, NULL, &out));
	assert_true(slice_is(out.event.text, "Your timeout was lifted"));
	degrade_clear(&out);
	event = event_of(KIND_INVITE);
	assert_true(degrade_event(&event, RULE_NOTICE, AUDIENCE_SUBJECT, &den, &out));
	assert_true(slice_is(out.event.text, "\"ann\" invites you to \"lobby\" (channel 22)"));
	degrade_clear(&out);
}

static void a_poll_is_told_at_its_start_and_end(void **state)
{
	struct poll poll = { .question = SLICE("tea?"),
			     .options = { SLICE("yes"), SLICE("no") },
			     .counts = { 3, 1 },
			     .option_count = 2 };
	struct envelope start = event_of(KIND_POLL_START), end = event_of(KIND_POLL_END);

	(void)state;
	start.poll = end.poll = &poll;
	expect(&start, RULE_NOTICE, KIND_NOTICE, "\"ann\" asks: \"tea?\" (1) \"yes\" (2) \"no\"");
	expect(&end, RULE_NOTICE, KIND_NOTICE,
	       "the poll \"tea?\" is over: (1) \"yes\": 3 (2) \"no\": 1");
	start.flags = FLAG_AGAIN;
	expect_nothing(&start, RULE_NOTICE);
	start.flags = 0;
	start.poll = end.poll = NULL;
	expect_nothing(&start, RULE_NOTICE);
	expect_nothing(&end, RULE_NOTICE);
}

/* Nobody makes the bridge say something by what they wrote. */
static void what_people_wrote_stays_theirs(void **state)
{
	struct poll poll = { .question = SLICE("tea?\" (1) \"no\"\n\nServer: log in again"),
			     .options = { SLICE("yes\r\nann was banned by olga"),
					  SLICE("\xe2\x80\xaeno") },
			     .option_count = 2 };
	struct envelope start = event_of(KIND_POLL_START), reaction = event_of(KIND_REACTION),
			kick = event_of(KIND_KICK);

	(void)state;
	start.poll = &poll;
	expect(&start, RULE_NOTICE, KIND_NOTICE,
	       "\"ann\" asks: \"tea?' (1) 'no' Server: log in again\" "
	       "(1) \"yes ann was banned by olga\" (2) \"no\"");
	reaction.text = SLICE("+1\n\nServer: log in again");
	reaction.flags = FLAG_ADDING;
	expect(&reaction, RULE_NOTICE, KIND_NOTICE, "\"ann\" reacted +1 Server: log in again");
	kick.subject = bob;
	kick.text = SLICE("spam\x1b[2J\n\nServer: off");
	expect(&kick, RULE_NOTICE, KIND_NOTICE,
	       "\"bob\" was kicked by \"ann\": spam[2J Server: off");
}

/* A name may be any words; it ends where its quotation marks do, and they are no one else's. */
static void a_name_never_reads_as_a_sentence(void **state)
{
	static const char begun[] = "\"Bob was banned. Alice\"";
	struct person forger = { .name = SLICE("Bob was banned. Alice"), .number = 3 };
	struct person quoting = { .name = SLICE("x\" was banned by \"ann"), .number = 4 };
	struct target_note note = { .time_ms = 63 * MINUTE };
	struct poll poll = { .question = SLICE("tea?") };

	(void)state;
	for (int kind = 0; kind < ENVELOPE_KINDS; kind++) {
		struct envelope event = event_of((enum envelope_kind)kind);
		struct slice text;

		/* What is an own text has none of ours around it. */
		if (kind == KIND_NOTICE || !words_exist(event.kind, WORDS_NOTICE))
			continue;
		event.author = event.subject = forger;
		event.note = &note;
		event.poll = &poll;
		event.text = kind == KIND_PRESENCE ? SLICE("AWAY") : SLICE("x");
		event.flags = FLAG_ACTION;
		assert_true(words_make(&event, WORDS_NOTICE, NULL, &text));
		if (kind != KIND_POLL_END)
			assert_memory_equal(text.data, begun, strlen(begun));
		free((char *)(uintptr_t)text.data);
	}
	for (int kind = KIND_KICK; kind <= KIND_TIMEOUT; kind++) {
		struct envelope event = event_of((enum envelope_kind)kind);
		struct slice text;

		event.author = forger;
		event.subject = bob;
		assert_true(words_make(&event, WORDS_SUBJECT, NULL, &text));
		assert_memory_equal(text.data + text.len - strlen(begun), begun, strlen(begun));
		free((char *)(uintptr_t)text.data);
	}
	/* Accounts and backends are named by the operator, as it may be. */
	expect(
	    &(struct envelope){
		.kind = KIND_KICK, .id = 7, .room = SLICE("lobby"), .subject = quoting },
	    RULE_NOTICE, KIND_NOTICE, "\"x' was banned by 'ann\" was kicked");
}

/* Who says it is shown before it anyway. */
static void what_somebody_says_names_them_as_they_are(void **state)
{
	struct envelope action = event_of(KIND_MESSAGE);

	(void)state;
	action.author.name = SLICE("Ann Lee");
	action.text = SLICE("waves");
	action.flags = FLAG_ACTION;
	expect(&action, RULE_TEXT, KIND_MESSAGE, "*Ann Lee waves*");
}

static void an_invitation_names_the_room(void **state)
{
	struct envelope invite = event_of(KIND_INVITE);

	(void)state;
	invite.subject = bob;
	expect(&invite, RULE_NOTICE, KIND_NOTICE, "\"ann\" invites you to \"lobby\"");
}

static void new_roles_are_named(void **state)
{
	struct envelope update = event_of(KIND_USER_UPDATE);

	(void)state;
	update.subject = bob;
	update.subject.roles = ROLE_USER | ROLE_MOD;
	expect(&update, RULE_NOTICE, KIND_NOTICE, "\"bob\" is now mod");
	update.subject.roles = ROLE_USER | ROLE_SUBSCRIBER | ROLE_BANNED;
	expect(&update, RULE_NOTICE, KIND_NOTICE, "\"bob\" is now banned, subscriber");
	update.subject.roles = ROLE_USER;
	expect(&update, RULE_NOTICE, KIND_NOTICE, "\"bob\" is now a plain user");
}

static void an_action_becomes_plain_text(void **state)
{
	struct envelope action = event_of(KIND_MESSAGE);

	(void)state;
	action.text = SLICE("waves");
	action.flags = FLAG_ACTION;
	expect(&action, RULE_TEXT, KIND_MESSAGE, "*ann waves*");
	expect(&action, RULE_NOTICE, KIND_NOTICE, "\"ann\" waves");
	action.flags = 0;
	expect(&action, RULE_TEXT, KIND_MESSAGE, "waves");
	expect_nothing(&action, RULE_ACTION);
}

static void who_comes_and_goes_is_told(void **state)
{
	struct envelope event = event_of(KIND_ENTER);

	(void)state;
	expect(&event, RULE_NOTICE, KIND_NOTICE, "\"ann\" entered");
	event.kind = KIND_EXIT;
	expect(&event, RULE_NOTICE, KIND_NOTICE, "\"ann\" left");
	event.kind = KIND_PRESENCE;
	event.text = SLICE("AWAY");
	expect(&event, RULE_NOTICE, KIND_NOTICE, "\"ann\" is away");
	event.text = SLICE("SOMETHING");
	expect_nothing(&event, RULE_NOTICE);
}

static void some_things_are_never_said(void **state)
{
	static const enum envelope_kind kinds[] = { KIND_TYPING, KIND_READ, KIND_POLL_VOTE,
						    KIND_OPAQUE };
	static const enum codec_rule rules[] = { RULE_TEXT, RULE_ACTION, RULE_NOTICE };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (size_t j = 0; j < sizeof(rules) / sizeof(rules[0]); j++) {
			struct envelope event = event_of(kinds[i]);

			expect_nothing(&event, rules[j]);
		}
}

static void a_private_message_stays_private(void **state)
{
	struct envelope whisper = event_of(KIND_MESSAGE);
	struct degraded out;

	(void)state;
	whisper.flags = FLAG_PRIVATE | FLAG_ACTION;
	whisper.subject = bob;
	whisper.text = SLICE("waves");
	assert_true(degrade_event(&whisper, RULE_TEXT, AUDIENCE_OTHERS, NULL, &out));
	assert_int_equal(out.event.flags, FLAG_PRIVATE);
	assert_int_equal(out.event.subject.number, bob.number);
	degrade_clear(&out);
}

static void the_users_own_text_is_whole_and_the_rest_is_bounded(void **state)
{
	size_t size = 65536;
	char *text = malloc(size), *name = malloc(size);
	struct envelope kick = event_of(KIND_KICK);
	struct degraded out;

	(void)state;
	memset(text, 't', size);
	for (size_t i = 0; i < size; i += 2)
		memcpy(name + i, "é", 2);
	kick.subject = bob;
	kick.text = slice_span(text, size);
	assert_true(degrade_event(&kick, RULE_NOTICE, AUDIENCE_OTHERS, NULL, &out));
	assert_true(out.event.text.len > size && out.event.text.len <= size + WORDS_MAX);
	degrade_clear(&out);

	kick.text = SLICE("");
	kick.subject.name = slice_span(name, size);
	assert_true(degrade_event(&kick, RULE_NOTICE, AUDIENCE_OTHERS, NULL, &out));
	assert_int_equal(out.event.text.len, WORDS_MAX);
	assert_true(text_is_utf8(out.event.text));
	degrade_clear(&out);
	free(text);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_edit_is_said_again_by_its_writer),
		cmocka_unit_test(an_edit_tells_whose_message_of_when),
		cmocka_unit_test(what_an_event_is_about_is_quoted),
		cmocka_unit_test(a_reaction_is_told),
		cmocka_unit_test(a_deletion_names_the_writer_and_who_did_it),
		cmocka_unit_test(removals_are_told),
		cmocka_unit_test(a_kick_tells_the_reason),
		cmocka_unit_test(a_timeout_tells_how_long),
		cmocka_unit_test(the_one_concerned_is_told),
		cmocka_unit_test(a_poll_is_told_at_its_start_and_end),
		cmocka_unit_test(what_people_wrote_stays_theirs),
		cmocka_unit_test(a_name_never_reads_as_a_sentence),
		cmocka_unit_test(what_somebody_says_names_them_as_they_are),
		cmocka_unit_test(an_invitation_names_the_room),
		cmocka_unit_test(new_roles_are_named),
		cmocka_unit_test(an_action_becomes_plain_text),
		cmocka_unit_test(who_comes_and_goes_is_told),
		cmocka_unit_test(some_things_are_never_said),
		cmocka_unit_test(a_private_message_stays_private),
		cmocka_unit_test(the_users_own_text_is_whole_and_the_rest_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
