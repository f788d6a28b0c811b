/* Every message a client can send, damaged in every way, through every codec: an answer in the
 * dialect's own form or a defined meaning, and nothing else. Meant for the sanitizers, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/json_read.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "routes/deliver/broadcast.h"
#include "tests/support/dialects.h"
#include "tests/support/fixtures.h"

#define NOW     UINT64_C(1767225600000)
#define DAMAGES 2000

/* How far the peer has come. */
enum standing { STANDING_STRANGER, STANDING_READER, STANDING_PERSON, STANDINGS };

struct bench {
	struct codec_sink sink; /* first: a door finds its bench by it */
	const struct codec *codec;
	struct id_key key;
	struct codec_view views[DIALECTS];
	struct codec_peer peer;
	unsigned through; /* what went through the doors in this call */
};

static struct person person_of(struct bench *b, uint32_t number, const char *name)
{
	struct person person = { .name = slice_of(name), .number = number, .roles = ROLE_USER };

	identity_uuid(&b->key, ID_PERSON, number, 0, person.uuid);
	return person;
}

/* ---- what is said must be JSON ---- */

static void check_frame(struct frame *frame)
{
	struct json_object object;

	assert_non_null(frame);
	for (uint32_t i = 0; i < frame->messages; i++)
		assert_int_equal(json_read(frame_payload(frame, i), JSON_DEPTH_MAX, &object),
				 JSON_OK);
	frame_release(frame);
}

/* ---- the doors ---- */

/* Ordered as a room would, it can be said in every dialect, to everybody. */
static void check_encoding(struct bench *b, const struct codec_draft *draft)
{
	struct envelope *event = envelope_seal(&draft->event);

	event->id = 1000;
	event->sequence = 1;
	event->time_ms = NOW;
	event->author = person_of(b, 42, "ann");
	for (size_t d = 0; d < DIALECTS; d++) {
		for (int audience = 0; audience < AUDIENCES; audience++) {
			struct rendition made;

			rendition_make(event, &b->views[d], &b->views[d],
				       &b->views[d].codec->forms[0], (enum audience)audience, 0,
				       &made);
			if (made.frame)
				check_frame(made.frame);
		}
	}
	envelope_release(event);
}

static void sink_draft(struct codec_sink *sink, const struct codec_draft *draft)
{
	struct bench *b = (struct bench *)sink;
	const struct envelope *event = &draft->event;

	b->through++;
	assert_true(b->peer.logged_in);
	assert_true(event->kind < ENVELOPE_KINDS);
	assert_true(b->codec->can[event->kind].in);
	assert_true(slice_is(event->origin.dialect, b->codec->name));
	/* What the connection and the room decide is not the codec's to fill in. */
	assert_int_equal(event->author.number, 0);
	assert_int_equal(event->author.name.len, 0);
	assert_int_equal(event->id, 0);
	assert_int_equal(event->sequence, 0);
	assert_int_equal(event->subject.roles, 0);
	assert_int_equal(event->extra.len, 0);
	assert_int_equal(event->removed_count, 0);
	assert_int_equal(event->reaction_count, 0);
	assert_true(event->target <= NUMBER_MAX);
	assert_true(text_is_utf8(event->text));
	assert_true(text_is_utf8(event->subject.name));
	check_encoding(b, draft);
}

static void sink_login(struct codec_sink *sink, const struct codec_login *login)
{
	struct bench *b = (struct bench *)sink;

	b->through++;
	assert_false(b->peer.logged_in);
	assert_true(text_is_utf8(login->name));
	assert_true(login->anonymous || login->claimed_number || login->name.len);
}

static void sink_query(struct codec_sink *sink, const struct codec_query *query)
{
	struct bench *b = (struct bench *)sink;

	b->through++;
	assert_true(b->peer.logged_in);
	assert_true(query->count > 0);
}

static void sink_answer(struct codec_sink *sink, struct frame *frame)
{
	((struct bench *)sink)->through++;
	check_frame(frame);
}

/* ---- one frame ---- */

/* Blocks of exactly the promised size, so that a sanitizer sees every byte too far. */
static void read_frame(void *context, struct slice text)
{
	struct bench *b = context;
	char *copy = memory_new(text.len), *scratch = memory_new(text.len);
	struct codec_reply reply = { .kind = REPLY_REFUSED };
	struct frame *frame = NULL;

	if (text.len)
		memcpy(copy, text.data, text.len);
	b->through = 0;
	b->peer.scratch = scratch;
	reply.reason = b->codec->serves->decode(&b->peer, slice_span(copy, text.len), &b->sink);
	assert_true(reply.reason < REASONS);
	if (reply.reason != REASON_NONE) {
		assert_int_equal(b->through, 0);
		reply.correlation = b->peer.correlation;
		if (b->codec->serves->reply(&b->peer, &reply, &frame) == CODEC_OK)
			check_frame(frame);
	} else {
		assert_in_range(b->through, 0, 1);
	}
	free(copy);
	free(scratch);
}

/* ---- the bench ---- */

static void bench_open(struct bench *b, enum dialect dialect, enum standing standing)
{
	static const struct codec_handshake request = {
		.path = { "/", 1 }, .query = { "key=" FIXTURE_KEY, sizeof("key=" FIXTURE_KEY) - 1 }
	};
	struct codec_login login = { .anonymous = false };
	char scratch[64];

	*b = (struct bench){ .sink = { sink_draft, sink_login, sink_query, sink_answer },
			     .codec = registry_codec(dialect) };
	memset(b->key.bytes, 7, sizeof(b->key.bytes));
	for (size_t d = 0; d < DIALECTS; d++)
		b->views[d] = (struct codec_view){ .codec = registry_codec(d),
						   .room = SLICE("lobby"),
						   .room_id = SLICE(FIXTURE_ROOM),
						   .room_number = FIXTURE_NUMBER,
						   .ids = &b->key,
						   .instance = SLICE(FIXTURE_ROOM),
						   .bridge = person_of(b, 9, "Dragoman") };
	b->peer.state = memory_zeroed(1, b->codec->state_size + 1);
	b->peer.view = &b->views[dialect];
	b->peer.now_ms = NOW;
	b->peer.json_depth = JSON_DEPTH_DEFAULT;
	b->peer.scratch = scratch;
	b->codec->serves->handshake(&b->peer, &request, &login);
	b->peer.logged_in = standing != STANDING_STRANGER;
	if (standing == STANDING_PERSON)
		b->peer.self = person_of(b, 42, "ann");
}

static void bench_close(struct bench *b)
{
	if (b->codec->serves->close)
		b->codec->serves->close(&b->peer);
	free(b->peer.state);
}

/* Runs something over all fixtures and standings. */
static void for_each(void (*run)(struct bench *, const struct fixture *, unsigned seed))
{
	for (size_t i = 0; i < fixture_count; i++) {
		for (int standing = 0; standing < STANDINGS; standing++) {
			struct bench b;

			bench_open(&b, fixtures[i].dialect, (enum standing)standing);
			run(&b, &fixtures[i], (unsigned)(i * STANDINGS) + (unsigned)standing + 1);
			bench_close(&b);
		}
	}
}

static void run_whole(struct bench *b, const struct fixture *fixture, unsigned seed)
{
	(void)seed;
	read_frame(b, slice_of(fixture->text));
}

static void run_cut(struct bench *b, const struct fixture *fixture, unsigned seed)
{
	(void)seed;
	fixture_cut(fixture, read_frame, b);
}

static void run_swap(struct bench *b, const struct fixture *fixture, unsigned seed)
{
	(void)seed;
	fixture_swap(fixture, read_frame, b);
}

static void run_damage(struct bench *b, const struct fixture *fixture, unsigned seed)
{
	fixture_damage(fixture, seed, DAMAGES, read_frame, b);
}

/* ---- tests ---- */

/* The fixtures mean something: what nobody damaged is no malformed frame to a person. */
static void fixtures_are_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < fixture_count; i++) {
		struct bench b;
		char scratch[1024];
		enum reason reason;

		bench_open(&b, fixtures[i].dialect, STANDING_PERSON);
		b.peer.scratch = scratch;
		reason = b.codec->serves->decode(&b.peer, slice_of(fixtures[i].text), &b.sink);
		assert_int_not_equal(reason, REASON_MALFORMED);
		assert_int_not_equal(reason, REASON_UNKNOWN_VERB);
		assert_int_not_equal(reason, REASON_BAD_ARGUMENT);
		assert_int_not_equal(reason, REASON_BAD_KEY);
		bench_close(&b);
	}
}

static void whole_frames(void **state)
{
	(void)state;
	for_each(run_whole);
}

static void cut_at_every_byte(void **state)
{
	(void)state;
	for_each(run_cut);
}

static void every_type_swapped(void **state)
{
	(void)state;
	for_each(run_swap);
}

static void random_damage(void **state)
{
	(void)state;
	for_each(run_damage);
}

/* One dialect's frames mean nothing, or something defined, to another. */
static void frames_of_other_dialects(void **state)
{
	(void)state;
	for (size_t i = 0; i < fixture_count; i++) {
		for (int d = 0; d < DIALECTS; d++) {
			struct bench b;

			bench_open(&b, (enum dialect)d, STANDING_PERSON);
			read_frame(&b, slice_of(fixtures[i].text));
			bench_close(&b);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixtures_are_understood),
		cmocka_unit_test(whole_frames),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(every_type_swapped),
		cmocka_unit_test(random_damage),
		cmocka_unit_test(frames_of_other_dialects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
