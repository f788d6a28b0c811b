#include "tests/support/codec_probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/json_read.h"
#include "codecs/text/memory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- the doors ---- */

static void draft_door(struct codec_sink *sink, const struct codec_draft *draft)
{
	struct probe *p = (struct probe *)(void *)sink;

	assert_true(draft->room_id.len < sizeof(p->room_id));
	assert_true(slice_is(draft->event.origin.dialect, p->codec->name));
	assert_int_equal(draft->event.author.number, 0);
	envelope_release(p->draft);
	p->draft = envelope_seal(&draft->event);
	p->room_number = draft->room_number;
	if (draft->room_id.len)
		memcpy(p->room_id, draft->room_id.data, draft->room_id.len);
	p->room_id[draft->room_id.len] = '\0';
	p->drafts++;
}

static void login_door(struct codec_sink *sink, const struct codec_login *login)
{
	struct probe *p = (struct probe *)(void *)sink;

	p->login = *login;
	p->logins++;
}

static void query_door(struct codec_sink *sink, const struct codec_query *query)
{
	struct probe *p = (struct probe *)(void *)sink;

	p->query = *query;
	p->queries++;
}

static void answer_door(struct codec_sink *sink, struct frame *frame)
{
	struct probe *p = (struct probe *)(void *)sink;

	probe_check_frame(frame);
	frame_release(p->answer);
	p->answer = frame;
	p->answers++;
}

static void doors_clear(struct probe *p)
{
	envelope_release(p->draft);
	frame_release(p->answer);
	p->draft = NULL;
	p->answer = NULL;
	p->drafts = p->logins = p->queries = p->answers = 0;
	p->room_number = 0;
	p->room_id[0] = '\0';
	p->login = (struct codec_login){ 0 };
	p->query = (struct codec_query){ 0 };
}

/* ---- one peer ---- */

struct person probe_person(const struct probe *p, uint32_t number, const char *name)
{
	struct person person = { .name = slice_of(name), .number = number, .roles = ROLE_USER };

	identity_uuid(&p->ids, ID_PERSON, number, 0, person.uuid);
	return person;
}

void probe_open(struct probe *p, const struct codec *codec)
{
	*p = (struct probe){ .codec = codec };
	p->sink = (struct codec_sink){ draft_door, login_door, query_door, answer_door };
	memcpy(p->ids.bytes, "0123456789abcdef", sizeof(p->ids.bytes));
	p->view = (struct codec_view){
		.codec = codec,
		.room = SLICE("lobby"),
		.room_id = SLICE(PROBE_ROOM),
		.room_number = PROBE_NUMBER,
		.ids = &p->ids,
		.instance = SLICE("00000000-0000-4000-8000-000000000001"),
		.bridge = probe_person(p, 9, "dragoman"),
	};
	p->peer = (struct codec_peer){
		.state = memory_zeroed(1, codec->state_size),
		.view = &p->view,
		.self = probe_person(p, 42, "ann"),
		.logged_in = true,
		.now_ms = PROBE_NOW,
		.json_depth = JSON_DEPTH_DEFAULT,
	};
}

void probe_close(struct probe *p)
{
	if (p->codec->serves->close)
		p->codec->serves->close(&p->peer);
	doors_clear(p);
	free(p->peer.state);
	free(p->text);
	free(p->scratch);
	free(p->said);
}

/* Bytes in a block of just their size: reading one more is seen. */
static char *exact_copy(struct slice text)
{
	char *copy = memory_new(text.len);

	if (text.len)
		memcpy(copy, text.data, text.len);
	return copy;
}

static void blocks_take(struct probe *p, struct slice text, size_t scratch)
{
	free(p->text);
	free(p->scratch);
	p->text = exact_copy(text);
	p->scratch = memory_new(scratch);
	p->peer.scratch = p->scratch;
}

enum reason probe_handshake(struct probe *p, const char *query, const char *authorization)
{
	struct codec_handshake handshake = { .path = SLICE("/") };
	const char *given = query ? query : authorization;
	size_t len = given ? strlen(given) : 0;

	doors_clear(p);
	blocks_take(p, slice_of(given), len);
	if (query)
		handshake.query = slice_span(p->text, len);
	else if (authorization)
		handshake.authorization = slice_span(p->text, len);
	return p->codec->serves->handshake(&p->peer, &handshake, &p->login);
}

enum reason probe_decode(struct probe *p, struct slice text)
{
	doors_clear(p);
	blocks_take(p, text, text.len);
	return p->codec->serves->decode(&p->peer, slice_span(p->text, text.len), &p->sink);
}

enum reason probe_decode_text(struct probe *p, const char *text)
{
	return probe_decode(p, slice_of(text));
}

/* ---- what is said ---- */

static const char *frame_said(struct probe *p, const struct frame *frame)
{
	size_t len = 0;

	free(p->said);
	p->said = memory_new(frame->len + frame->messages + 1);
	for (uint32_t i = 0; i < frame->messages; i++) {
		struct slice payload = frame_payload(frame, i);

		if (i)
			p->said[len++] = '\n';
		memcpy(p->said + len, payload.data, payload.len);
		len += payload.len;
	}
	p->said[len] = '\0';
	return p->said;
}

static const char *frame_told(struct probe *p, enum codec_status status, struct frame *frame)
{
	const char *said;

	if (status == CODEC_NOTHING) {
		assert_null(frame);
		return NULL;
	}
	assert_non_null(frame);
	probe_check_frame(frame);
	said = frame_said(p, frame);
	frame_release(frame);
	return said;
}

const char *probe_answer(struct probe *p)
{
	return p->answer ? frame_said(p, p->answer) : NULL;
}

const char *probe_reply(struct probe *p, enum codec_reply_kind kind, enum reason reason)
{
	struct codec_reply reply = {
		.kind = kind,
		.reason = reason,
		.correlation = p->draft ? p->draft->correlation : p->peer.correlation,
		.event = p->draft,
	};
	struct frame *frame = NULL;
	enum codec_status status = p->codec->serves->reply(&p->peer, &reply, &frame);

	return frame_told(p, status, frame);
}

const char *probe_encode(struct probe *p, const struct envelope *event, enum audience audience)
{
	struct frame *frame = NULL;
	enum codec_status status =
	    p->codec->serves->encode(event, &p->view, &p->peer.form, audience, 0, &frame);

	return frame_told(p, status, frame);
}

static size_t framing_size(enum framing framing, size_t payload)
{
	if (framing == FRAMING_WEBSOCKET)
		return payload < 126 ? 2 : payload < 65536 ? 4 : 10;
	return framing == FRAMING_LINES ? 2 : 0;
}

void probe_check_frame(const struct frame *frame)
{
	size_t len = 0;

	assert_true(frame->messages > 0);
	for (uint32_t i = 0; i < frame->messages; i++) {
		struct slice payload = frame_payload(frame, i);
		struct json_object object;

		len += payload.len + framing_size(frame->framing, payload.len);
		assert_int_equal(json_read(payload, JSON_DEPTH_MAX, &object), JSON_OK);
	}
	assert_int_equal(len, frame->len);
}

/* ---- torture ---- */

static void draft_check(struct probe *p)
{
	struct envelope event = *p->draft;

	assert_true(p->codec->can[event.kind].in);
	if (p->codec->can[event.kind].out != RULE_NATIVE)
		return;
	event.id = 123;
	event.time_ms = PROBE_NOW;
	event.author = p->peer.self;
	(void)probe_encode(p, &event, AUDIENCE_OTHERS);
	(void)probe_encode(p, &event, AUDIENCE_SUBJECT);
}

void probe_check_text(struct probe *p, struct slice text)
{
	enum reason reason = probe_decode(p, text);

	assert_in_range(reason, REASON_NONE, REASONS - 1);
	if (reason == REASON_NONE) {
		if (p->draft)
			draft_check(p);
		return;
	}
	assert_int_equal(p->drafts + p->logins + p->queries + p->answers, 0);
	(void)probe_reply(p, REPLY_REFUSED, reason);
}

/* text with the bytes of hole replaced. */
static void spliced_check(struct probe *p, struct slice text, struct slice hole, struct slice value)
{
	size_t before = (size_t)(hole.data - text.data), after = before + hole.len;
	char *spliced = memory_new(text.len - hole.len + value.len);

	memcpy(spliced, text.data, before);
	memcpy(spliced + before, value.data, value.len);
	memcpy(spliced + before + value.len, text.data + after, text.len - after);
	probe_check_text(p, slice_span(spliced, text.len - hole.len + value.len));
	free(spliced);
}

static void value_swap(struct probe *p, struct slice text, struct slice hole)
{
	static const char *const values[] = {
		"null",
		"true",
		"false",
		"0",
		"-1",
		"-0",
		"1.9",
		"1e3",
		"1e400",
		"-1e-400",
		"2147483648",
		"9007199254740992",
		"9223372036854775807",
		"9223372036854775808",
		"\"\"",
		"\"123\"",
		"\"true\"",
		"\"abc\"",
		"\"\\u0000\"",
		"\"\\ud800\"",
		"\"\\ud83d\\ude02\"",
		"\"\xf0\x9f\x98\x82\"",
		"\"ffffffff-ffff-4fff-bfff-ffffffffffff\"",
		"[]",
		"[null]",
		"[[1,\"\\u0041\"],{}]",
		"{}",
		"{\"type\":{\"a\":[]}}",
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
		"",
		"\xff",
		"\"\xff\"",
	};

	for (size_t i = 0; i < COUNT(values); i++)
		spliced_check(p, text, hole, slice_of(values[i]));
}

/* Leaves out a member: its name becomes one that nobody knows. */
static void member_drop(struct probe *p, struct slice text, struct slice name)
{
	spliced_check(p, text, name, SLICE("\\u0007nobody knows"));
}

void probe_torture(struct probe *p, const char *fixture)
{
	struct slice text = slice_of(fixture);
	struct json_object object;

	for (size_t len = 0; len < text.len; len++)
		probe_check_text(p, slice_span(text.data, len));
	assert_int_equal(json_read(text, JSON_DEPTH_MAX, &object), JSON_OK);
	for (size_t i = 0; i < object.count; i++) {
		struct json_value value = object.members[i].value, item;
		size_t cursor = 0;

		value_swap(p, text, value.source);
		member_drop(p, text, object.members[i].name);
		while (json_item(value, &cursor, &item))
			value_swap(p, text, item.source);
	}
}
