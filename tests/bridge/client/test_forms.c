#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/form.h"
#include "tests/support/actors.h"
#include "tests/support/floor.h"

#define FREE_ROOMS FLOOR_TWO_ROOMS "limits = {" FLOOR_NO_RATE " };"
#define METHOD(m)  "{\"type\":\"method\",\"method\":\"" m "\",\"arguments\":"

/* ---- one of our dialects, with a second form: lines. The stage sees to it that each member is
 * sent what its connection can carry. ---- */

static struct codec twin;
static struct codec_ops twin_ops;
static const struct codec *original;
static unsigned encoded[FRAMING_BARE + 1]; /* how often */

static enum codec_status twin_encode(const struct envelope *event, const struct codec_view *view,
				     const struct form *form, enum audience audience,
				     uint32_t muted, struct frame **out)
{
	encoded[form->framing]++;
	return original->serves->encode(event, view, form, audience, muted, out);
}

static void twin_mount(struct bridge *bridge, size_t dialect)
{
	for (size_t l = 0; l < bridge->listener_count; l++)
		for (size_t m = 0; m < bridge->listeners[l].mount_count; m++)
			if (bridge->listeners[l].mounts[m].dialect == dialect)
				bridge->listeners[l].mounts[m].codec = &twin;
	for (size_t r = 0; r < room_table_count(bridge->rooms); r++)
		atomic_load(&room_table_at(bridge->rooms, r)->names)->views[dialect].codec = &twin;
}

/* forms: how many of these two the dialect shares. */
static void twin_open(struct floor *floor, unsigned workers, size_t dialect, unsigned forms)
{
	floor_open(floor, workers, FREE_ROOMS);
	original = registry_codec(dialect);
	twin = *original;
	twin_ops = *original->serves;
	twin_ops.encode = twin_encode;
	twin.serves = &twin_ops;
	twin.forms[0] = (struct form){ FRAMING_WEBSOCKET, 0 };
	twin.forms[1] = (struct form){ FRAMING_LINES, 0 };
	twin.form_count = forms;
	twin_mount(floor->stage->bridge, dialect);
}

static void encoded_forget(void)
{
	memset(encoded, 0, sizeof(encoded));
}

static void hears(struct stage_client *client, const char *words)
{
	struct stage_frame *frame = stage_next(client);

	if (!frame)
		fail_msg("%s was sent nothing, not %s", client->name, words);
	if (!strstr(frame->text, words))
		fail_msg("%s was sent %s, not %s", client->name, frame->text, words);
	stage_drop(client);
}

/* ---- */

static void each_form_is_encoded_once(void **state)
{
	struct floor floor;
	struct stage_client *bob, *dee, *lea, *lou, *cy;
	uint64_t before;

	(void)state;
	twin_open(&floor, 2, DIALECT_SIMPLE, 2);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	dee = floor_join(&floor, "dee", DIALECT_SIMPLE, NULL);
	lea = floor_join_framed(&floor, "lea", DIALECT_SIMPLE, FRAMING_LINES);
	lou = floor_join_framed(&floor, "lou", DIALECT_SIMPLE, FRAMING_LINES);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	assert_int_equal(bob->session->form, DIALECT_SIMPLE * CODEC_FORMS_MAX);
	assert_int_equal(lea->session->form, DIALECT_SIMPLE * CODEC_FORMS_MAX + 1);
	before = floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DELIVERED);
	encoded_forget();
	actor_says(cy, "hi there");
	assert_int_equal(encoded[FRAMING_WEBSOCKET], 1);
	assert_int_equal(encoded[FRAMING_LINES], 1);
	hears(bob, "hi there");
	hears(dee, "hi there");
	hears(lea, "hi there");
	hears(lou, "hi there");
	assert_int_equal(floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DELIVERED), before + 4);

	/* Nobody is left who is sent lines. */
	stage_leave(lea);
	stage_leave(lou);
	encoded_forget();
	actor_says(cy, "bye");
	assert_int_equal(encoded[FRAMING_WEBSOCKET], 1);
	assert_int_equal(encoded[FRAMING_LINES], 0);
	floor_close(&floor);
}

/* Greeting, replies and what is said to one person alone come in its form, too. */
static void all_a_session_is_sent_has_its_form(void **state)
{
	struct floor floor;
	struct stage_client *ann, *lea;

	(void)state;
	twin_open(&floor, 1, DIALECT_MIXER, 2);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	lea = floor_join_framed(&floor, "lea", DIALECT_MIXER, FRAMING_LINES);
	floor_say(ann, METHOD("whisper") "[\"lea\",\"psst\"],\"id\":9}");
	hears(lea, "psst");
	floor_say(lea, METHOD("whisper") "[\"ann\",\"what?\"],\"id\":9}");
	hears(lea, "\"reply\"");
	floor_say(lea, METHOD("nonsense") "[],\"id\":10}");
	hears(lea, "\"code\"");
	hears(ann, "\"reply\"");
	hears(ann, "what?");
	floor_inject(&floor, "{\"kind\":\"kick\",\"subject\":\"lea\",\"text\":\"enough\"}");
	hears(lea, "You were kicked: enough");
	hears(lea, "UserUpdate");
	assert_int_equal(lea->close_code, 1008);
	hears(ann, "UserLeave");
	hears(ann, "\\\"lea\\\" was kicked: enough");
	floor_close(&floor);
}

/* The invited are where they are; what they are sent is made there. */
static void an_invitation_comes_in_the_form_of_the_invited(void **state)
{
	struct floor floor;
	struct stage_client *dee, *dora, *lea;

	(void)state;
	twin_open(&floor, 2, DIALECT_SIMPLE, 2);
	dora = floor_join(&floor, "dora", DIALECT_ROOMS, NULL);
	dee = floor_join(&floor, "dee", DIALECT_SIMPLE, NULL);
	lea = floor_join_framed(&floor, "lea", DIALECT_SIMPLE, FRAMING_LINES);
	encoded_forget();
	floor_inject(&floor, "{\"kind\":\"invite\",\"room\":\"attic\",\"subject\":\"lea\"}");
	hears(lea, "attic");
	floor_hears_nothing(dee);
	floor_hears_nothing(dora);
	assert_int_equal(encoded[FRAMING_LINES], 1);
	assert_int_equal(encoded[FRAMING_WEBSOCKET], 0);
	floor_close(&floor);
}

/* ---- a turn's end ---- */

static const unsigned char *shown[4];
static size_t shown_count;

static bool showing_write(void *conn, const unsigned char *bytes, size_t len, bool *complete)
{
	(void)conn;
	(void)len;
	shown[shown_count++] = bytes;
	*complete = true;
	return true;
}

static void bytes_are_put_together_once_for_each_form(void **state)
{
	struct floor floor;
	struct stage_client *ann;

	(void)state;
	twin_open(&floor, 1, DIALECT_CONCORD, 2);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	for (unsigned i = 0; i < 4; i++) {
		char name[8];
		struct stage_client *reader;

		snprintf(name, sizeof(name), "p%u", i);
		reader = floor_join_framed(&floor, name, DIALECT_CONCORD,
					   i < 2 ? FRAMING_WEBSOCKET : FRAMING_LINES);
		reader->transport.write = showing_write;
		shown_count = 0;
	}
	encoded_forget();
	floor_hold(&floor);
	actor_says(ann, "one");
	actor_says(ann, "two");
	floor_go(&floor);
	assert_int_equal(encoded[FRAMING_WEBSOCKET], 2);
	assert_int_equal(encoded[FRAMING_LINES], 2);
	/* From the last member to the first. */
	assert_int_equal(shown_count, 4);
	assert_ptr_equal(shown[0], shown[1]);
	assert_ptr_equal(shown[2], shown[3]);
	assert_ptr_not_equal(shown[1], shown[2]);
	assert_memory_equal(shown[0], "{\"chat\"", 7);
	assert_memory_equal(shown[2], "\x81", 1);
	floor_close(&floor);
}

/* ---- outside the forms ---- */

/* A dialect that shares no lines is spoken in lines all the same. */
static void a_form_that_is_not_shared_gets_frames_of_its_own(void **state)
{
	static const char *const said[] = { "first", "second" };
	struct floor floor;
	struct stage_client *ann, *lea, *lou, *bob;
	uint64_t before;

	(void)state;
	twin_open(&floor, 2, DIALECT_SIMPLE, 1);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	lea = floor_join_framed(&floor, "lea", DIALECT_SIMPLE, FRAMING_LINES);
	lou = floor_join_framed(&floor, "lou", DIALECT_SIMPLE, FRAMING_LINES);
	assert_false(form_is_shared(lea->session->form));
	before = floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DELIVERED);
	encoded_forget();
	floor_hold(&floor);
	actor_says(ann, said[0]);
	actor_says(ann, said[1]);
	floor_go(&floor);
	assert_int_equal(encoded[FRAMING_WEBSOCKET], 2);
	assert_int_equal(encoded[FRAMING_LINES], 4);
	for (unsigned i = 0; i < 2; i++) {
		hears(bob, said[i]);
		hears(lea, said[i]);
		hears(lou, said[i]);
	}
	assert_int_equal(floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DELIVERED), before + 6);
	floor_inject(&floor, "{\"kind\":\"typing\"}");
	assert_int_equal(floor_outcomes(&floor, DIALECT_SIMPLE, OUTCOME_DROPPED_NO_WORD), 3);
	floor_close(&floor);
}

/* As a change of what it asked for will do: the rooms are not told. */
static void form_change(struct stage_client *client, enum framing framing)
{
	struct session *session = client->session;

	client->transport.framing = session->peer.form.framing = framing;
	session->form = form_number(session->dialect, &twin, &session->peer.form);
	assert_true(form_is_shared(session->form));
}

static void who_changes_its_form_misses_nothing(void **state)
{
	struct floor floor;
	struct stage_client *ann, *bob, *lea;

	(void)state;
	twin_open(&floor, 1, DIALECT_CONCORD, 2);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	bob = floor_join(&floor, "bob", DIALECT_CONCORD, NULL);
	lea = floor_join(&floor, "lea", DIALECT_CONCORD, NULL);
	encoded_forget();
	floor_hold(&floor);
	actor_says(ann, "before");
	floor_go(&floor);
	hears(lea, "before");
	form_change(lea, FRAMING_LINES);
	floor_hold(&floor);
	actor_says(ann, "after");
	actor_says(ann, "at last");
	floor_go(&floor);
	hears(lea, "after");
	hears(lea, "at last");
	assert_int_equal(encoded[FRAMING_WEBSOCKET], 3);
	assert_int_equal(encoded[FRAMING_LINES], 2);
	hears(bob, "before");
	hears(bob, "after");
	hears(bob, "at last");
	floor_close(&floor);
}

/* Lines were made in one of its rooms, and not in the other. */
static void what_one_room_made_is_not_all_it_hears(void **state)
{
	struct floor floor;
	struct stage_client *dora, *lea;

	(void)state;
	twin_open(&floor, 1, DIALECT_ROOMS, 2);
	dora = floor_join_framed(&floor, "dora", DIALECT_ROOMS, FRAMING_LINES);
	lea = floor_join(&floor, "lea", DIALECT_ROOMS, NULL);
	floor_say(lea, "{\"type\":\"enter\",\"key\":\"lea\","
		       "\"room_id\":\"20bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a02\"}");
	floor_forget(&floor);
	form_change(lea, FRAMING_LINES);
	encoded_forget();
	floor_hold(&floor);
	floor_inject(&floor, "{\"kind\":\"notice\",\"text\":\"down here\"}");
	floor_inject(&floor, "{\"kind\":\"notice\",\"room\":\"attic\",\"text\":\"up there\"}");
	floor_go(&floor);
	hears(lea, "down here");
	hears(lea, "up there");
	hears(dora, "down here");
	floor_hears_nothing(dora);
	assert_int_equal(encoded[FRAMING_LINES], 2);
	assert_int_equal(floor_outcomes(&floor, DIALECT_ROOMS, OUTCOME_DROPPED_NO_WORD), 0);
	floor_close(&floor);
}

/* ---- silence ---- */

/* What makes a peer show itself is the carrier's, or the dialect's. */
static void lines_have_no_ping_of_their_own(void **state)
{
	struct floor floor;
	struct stage_client *dora, *lea;

	(void)state;
	twin_open(&floor, 1, DIALECT_ROOMS, 2);
	dora = floor_join(&floor, "dora", DIALECT_ROOMS, NULL);
	lea = floor_join_framed(&floor, "lea", DIALECT_ROOMS, FRAMING_LINES);
	stage_wait(floor.stage, 26000);
	assert_int_equal(dora->pings, 1);
	hears(dora, "\"ping\"");
	assert_int_equal(lea->pings, 0);
	hears(lea, "\"ping\"");
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_encoded_once),
		cmocka_unit_test(all_a_session_is_sent_has_its_form),
		cmocka_unit_test(an_invitation_comes_in_the_form_of_the_invited),
		cmocka_unit_test(bytes_are_put_together_once_for_each_form),
		cmocka_unit_test(a_form_that_is_not_shared_gets_frames_of_its_own),
		cmocka_unit_test(who_changes_its_form_misses_nothing),
		cmocka_unit_test(what_one_room_made_is_not_all_it_hears),
		cmocka_unit_test(lines_have_no_ping_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
