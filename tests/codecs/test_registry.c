/* What every codec must keep to, whatever its dialect: the registry is walked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "tests/codecs/registry_calls.h"
#include "tests/support/codec_probe.h"
#include "tests/support/dialects.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- requests: one at least for each kind a dialect's clients can originate ---- */

#define MIXER(method, arguments)                                                                   \
	"{\"type\":\"method\",\"method\":\"" method "\",\"arguments\":" arguments ",\"id\":7}"
#define ROOMS(type, fields)                                                                        \
	"{\"type\":\"" type "\",\"key\":\"ann\",\"room_id\":\"" PROBE_ROOM "\"" fields "}"

static const char *const requests[DIALECTS][16] = {
	[DIALECT_MIXER] = { MIXER("msg", "[\"hello \\ud83d\\ude02 \xc3\xa9\"]"),
			    MIXER("msg", "[\"/me waves\"]"), MIXER("whisper", "[\"bob\",\"psst\"]"),
			    MIXER("history", "[50]"), MIXER("deleteMessage", "[\"%message%\"]"),
			    MIXER("clearMessages", "[]"), MIXER("purge", "[\"bob\"]"),
			    MIXER("timeout", "[\"bob\",\"1m15s\"]"),
			    MIXER("vote:start", "[\"tea?\",[\"yes\",\"no\"],30]"),
			    MIXER("vote:choose", "[1]"), MIXER("ping", "[]"),
			    MIXER("optOutEvents", "[\"UserJoin\",\"UserLeave\"]"),
			    MIXER("attachEmotes", "[]"), MIXER("auth", "[7,42,\"k\\u0065y\"]") },
	[DIALECT_CONCORD] = { "{\"type\":\"chat_written\",\"channelId\":7,\"threadId\":null,"
			      "\"sentAt\":123456789,\"content\":\"This is \\u00e9\"}",
			      "{\"type\":\"chat_typing\",\"channelId\":7,\"threadId\":null,"
			      "\"sentAt\":123456789}",
			      "{\"type\":\"chat_reaction\",\"chatId\":1234,"
			      "\"reaction\":\"\xf0\x9f\x98\x82\",\"adding\":true}",
			      "{\"type\":\"heartbeat\",\"timestamp\":1}" },
	[DIALECT_ROOMS] = { ROOMS("message", ",\"content\":\"hi \\u00e9\""),
			    ROOMS("read", ",\"message_id\":\"17\""),
			    ROOMS("invite", ",\"user_id\":\"%person%\""), ROOMS("enter", ""),
			    ROOMS("exit", ""), "{\"type\":\"ping\",\"time\":1571999169}",
			    "{\"type\":\"pong\",\"time\":1571999169}" },
	[DIALECT_SIMPLE] = { "{\"type\":\"send_message\",\"payload_id\":\"1\","
			     "\"message\":\"hi \\u00e9\"}" },
};

/* The request with its UUIDs filled in. Returns new. */
static char *request_text(const struct probe *p, const char *request)
{
	static const struct {
		const char *mark;
		enum id_domain domain;
		uint64_t number;
	} marks[] = { { "%message%", ID_MESSAGE, 1234 }, { "%person%", ID_PERSON, 43 } };
	char *text = memory_zeroed(1, strlen(request) + UUID_TEXT_LEN);

	strcpy(text, request);
	for (size_t i = 0; i < COUNT(marks); i++) {
		const char *at = strstr(request, marks[i].mark);
		unsigned char uuid[16];

		if (!at)
			continue;
		identity_uuid(&p->ids, marks[i].domain, marks[i].number, 0, uuid);
		uuid_print(uuid, text + (at - request));
		strcpy(text + (at - request) + UUID_TEXT_LEN, at + strlen(marks[i].mark));
	}
	return text;
}

/* A peer who got through its dialect's handshake. */
static void peer_open(struct probe *p, size_t dialect)
{
	static const struct {
		const char *query, *authorization;
	} ways[DIALECTS] = {
		[DIALECT_MIXER] = { "name=ann", NULL },
		[DIALECT_CONCORD] = { "token=ann", NULL },
		[DIALECT_ROOMS] = { "key=ann", NULL },
		[DIALECT_SIMPLE] = { NULL, "Basic YW5uOg==" },
	};

	probe_open(p, registry_codec(dialect));
	assert_int_equal(probe_handshake(p, ways[dialect].query, ways[dialect].authorization),
			 REASON_NONE);
	if (p->login.name.data)
		assert_true(slice_is(p->login.name, "ann"));
}

/* ---- events: every field filled in, as an ordered one has them ---- */

static struct envelope *event_new(const struct probe *p, enum envelope_kind kind)
{
	static const struct part parts[] = { { .kind = PART_TEXT, .text = { "hi ", 3 } },
					     { .kind = PART_TEXT, .text = { "all", 3 } } };
	static const struct reaction_count reactions[] = { { { "\xf0\x9f\x98\x82", 4 }, 5 },
							   { { "+1", 2 }, 1 } };
	static const uint64_t removed[] = { 11, 12, 13 };
	static const struct poll poll = { .question = { "tea?", 4 },
					  .options = { { "yes", 3 }, { "no", 2 } },
					  .counts = { 3, 1 },
					  .option_count = 2,
					  .voters = 4,
					  .duration_ms = 30000,
					  .ends_ms = PROBE_NOW + 30000 };
	struct envelope event = {
		.kind = kind,
		.id = 8501928463962112,
		.sequence = 5,
		.time_ms = PROBE_NOW,
		.client_time_ms = 1234567,
		.room = SLICE("lobby"),
		.author = probe_person(p, 43, "bob"),
		.subject = probe_person(p, 44, "cid"),
		.target = 1234,
		.text = kind == KIND_PRESENCE ? SLICE("AWAY") : SLICE("hi all"),
		.parts = parts,
		.part_count = kind == KIND_MESSAGE ? COUNT(parts) : 0,
		.reactions = reactions,
		.reaction_count = kind == KIND_REACTION ? COUNT(reactions) : 0,
		.removed = removed,
		.removed_count = COUNT(removed),
		.poll = kind == KIND_POLL_START || kind == KIND_POLL_END ? &poll : NULL,
		.duration_ms = kind == KIND_TIMEOUT ? 75000 : 0,
		.correlation = SLICE("\"request-id-of-the-sender\""),
		.extra = SLICE("\"said-by-another-server\":1"),
		.origin = { .dialect = SLICE("elsewhere"), .instance = SLICE("instance-of-origin"), .hops = 1 },
	};

	return envelope_seal(&event);
}

/* ---- tests ---- */

static void names_find_their_codec(void **state)
{
	static const char *const names[DIALECTS] = { "mixer", "concord", "rooms", "simple" };

	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		assert_string_equal(registry_codec(i)->name, names[i]);
		assert_int_equal(registry_find(slice_of(names[i])), i);
	}
	assert_int_equal(registry_find(SLICE("irc")), DIALECTS_MAX);
	assert_int_equal(registry_find(SLICE("")), DIALECTS_MAX);
	assert_int_equal(registry_find(SLICE("mixe")), DIALECTS_MAX);
	assert_int_equal(registry_find(SLICE("mixer2")), DIALECTS_MAX);
}

static void contracts_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		const struct codec *codec = registry_codec(i);

		assert_non_null(codec->serves);
		assert_non_null(codec->serves->handshake);
		assert_non_null(codec->serves->refuse);
		assert_non_null(codec->serves->decode);
		assert_non_null(codec->serves->encode);
		assert_non_null(codec->serves->reply);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(codec->name, registry_codec(k)->name);
	}
}

/* A dropped kind tells why; a stand-in needs a word that carries it. */
static void capabilities_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		const struct codec_capability *can = registry_codec(i)->can;

		for (size_t kind = 0; kind < ENVELOPE_KINDS; kind++) {
			if (can[kind].out == RULE_DROP) {
				assert_non_null(can[kind].why);
				assert_true(strlen(can[kind].why) > 0);
			} else {
				assert_null(can[kind].why);
			}
		}
		assert_int_equal(can[KIND_MESSAGE].out, RULE_NATIVE);
		assert_int_equal(can[KIND_NOTICE].out, RULE_NATIVE);
		assert_true(can[KIND_MESSAGE].in);
		assert_false(can[KIND_NOTICE].in);
		assert_false(can[KIND_OPAQUE].in);
	}
}

static void refusals_are_responses(void **state)
{
	(void)state;
	for (size_t i = 0; i < DIALECTS; i++)
		for (enum reason reason = REASON_NONE + 1; reason < REASONS; reason++) {
			struct codec_response response = registry_codec(i)->serves->refuse(reason);

			assert_in_range(response.status, 400, 599);
			assert_true(response.body.data || !response.type.data);
		}
}

static void forms_are_declared(void **state)
{
	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		const struct codec *codec = registry_codec(i);

		assert_in_range(codec->form_count, 1, CODEC_FORMS_MAX);
		for (unsigned f = 0; f < codec->form_count; f++)
			for (unsigned g = 0; g < f; g++)
				assert_true(codec->forms[f].framing != codec->forms[g].framing ||
					    codec->forms[f].capabilities !=
						codec->forms[g].capabilities);
	}
}

/* The payloads of frame are these, and none of them could be taken for more than one line. */
static void payloads_check(const struct frame *frame, const struct frame *same)
{
	assert_int_equal(frame->messages, same->messages);
	assert_int_equal(frame->events, same->events);
	for (uint32_t i = 0; i < frame->messages; i++) {
		struct slice payload = frame_payload(frame, i);

		assert_true(slice_equal(payload, frame_payload(same, i)));
		assert_null(memchr(payload.data, '\r', payload.len));
		assert_null(memchr(payload.data, '\n', payload.len));
		assert_null(memchr(payload.data, '\0', payload.len));
	}
}

/* Whatever the carrier: a codec says the same, framed as it was told. */
static void framing_does_not_change_what_is_said(void **state)
{
	static const struct form messages = { FRAMING_WEBSOCKET, 0 }, lines = { FRAMING_LINES, 0 };
	static struct probe p;

	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		probe_open(&p, registry_codec(i));
		for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++) {
			struct envelope *event = event_new(&p, kind);
			struct frame *one = NULL, *other = NULL;

			if (p.codec->can[kind].out == RULE_NATIVE &&
			    p.codec->serves->encode(event, &p.view, &messages, AUDIENCE_OTHERS, 0,
						    &one) == CODEC_OK) {
				assert_int_equal(p.codec->serves->encode(event, &p.view, &lines,
									 AUDIENCE_OTHERS, 0,
									 &other),
						 CODEC_OK);
				assert_int_equal(one->framing, FRAMING_WEBSOCKET);
				assert_int_equal(other->framing, FRAMING_LINES);
				payloads_check(other, one);
			}
			frame_release(one);
			frame_release(other);
			envelope_release(event);
		}
		probe_close(&p);
	}
}

/* What one peer is told: greetings, answers, replies, keepalives. */
static void peers_are_told_in_their_form(void **state)
{
	static struct probe p;

	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		const struct codec_ops *serves = registry_codec(i)->serves;

		for (enum codec_reply_kind kind = 0; kind <= REPLY_HISTORY; kind++) {
			struct codec_reply reply = { .kind = kind, .reason = REASON_EMPTY };
			struct frame *frame = NULL;

			peer_open(&p, i);
			p.peer.form.framing = FRAMING_LINES;
			if (serves->reply(&p.peer, &reply, &frame) == CODEC_OK)
				assert_int_equal(frame->framing, FRAMING_LINES);
			frame_release(frame);
			frame = NULL;
			if (serves->keepalive && serves->keepalive(&p.peer, &frame) == CODEC_OK)
				assert_int_equal(frame->framing, FRAMING_LINES);
			frame_release(frame);
			if (serves->open) {
				serves->open(&p.peer, &p.sink);
				assert_int_equal(p.answer->framing, FRAMING_LINES);
			}
			probe_close(&p);
		}
	}
}

/* Native means: said to the others, or to the one concerned, or to both. What is said tells
 * nothing that is not for them, as what a server of another dialect said besides. */
static void native_kinds_are_said(void **state)
{
	static struct probe p;

	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		probe_open(&p, registry_codec(i));
		for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++) {
			struct envelope *event = event_new(&p, kind);
			unsigned said = kind == KIND_OPAQUE;

			if (p.codec->can[kind].out == RULE_NATIVE)
				for (enum audience to = 0; to < AUDIENCES; to++) {
					const char *text = probe_encode(&p, event, to);

					if (!text)
						continue;
					said++;
					assert_null(strstr(text, "request-id"));
					assert_null(strstr(text, "another-server"));
					assert_null(strstr(text, "instance-of-origin"));
				}
			else
				said = 1;
			if (!said)
				fail_msg("%s claims %s and says nothing", p.codec->name,
					 envelope_kind_name(kind));
			envelope_release(event);
		}
		probe_close(&p);
	}
}

/* Two peers of a dialect get the same bytes whoever asked, and however. */
static void encoding_depends_on_the_event_alone(void **state)
{
	static struct probe p;

	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		probe_open(&p, registry_codec(i));
		for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++) {
			struct envelope *sealed = event_new(&p, kind);
			struct envelope bare = *sealed;
			const char *text;
			char *first;

			bare.correlation = bare.extra = (struct slice){ NULL, 0 };
			bare.sequence = 99;
			if (p.codec->can[kind].out == RULE_NATIVE) {
				text = probe_encode(&p, sealed, AUDIENCE_OTHERS);
				first = memory_text(text ? text : "", text ? strlen(text) : 0);
				text = probe_encode(&p, &bare, AUDIENCE_OTHERS);
				assert_string_equal(text ? text : "", first);
				free(first);
			}
			envelope_release(sealed);
		}
		probe_close(&p);
	}
}

/* A frame names the events it holds; without them nothing of it is left. */
static void muted_events_are_left_out(void **state)
{
	static struct probe p;

	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		probe_open(&p, registry_codec(i));
		for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++) {
			struct envelope *event = event_new(&p, kind);
			struct frame *frame = NULL, *rest = NULL;
			const struct codec_ops *serves = p.codec->serves;

			if (p.codec->can[kind].out == RULE_NATIVE &&
			    serves->encode(event, &p.view, &p.peer.form, AUDIENCE_OTHERS, 0,
					   &frame) == CODEC_OK &&
			    frame->events)
				assert_int_equal(serves->encode(event, &p.view, &p.peer.form,
								AUDIENCE_OTHERS, frame->events,
								&rest),
						 CODEC_NOTHING);
			frame_release(frame);
			envelope_release(event);
		}
		probe_close(&p);
	}
}

/* A dialect that cannot keep a whisper private does not say it. */
static void whispers_are_never_widened(void **state)
{
	static struct probe p;

	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		struct envelope *event;

		probe_open(&p, registry_codec(i));
		event = event_new(&p, KIND_MESSAGE);
		event->flags |= FLAG_PRIVATE;
		if (!p.codec->keeps_private) {
			assert_null(probe_encode(&p, event, AUDIENCE_OTHERS));
			assert_null(probe_encode(&p, event, AUDIENCE_SUBJECT));
		} else {
			assert_non_null(probe_encode(&p, event, AUDIENCE_SUBJECT));
		}
		envelope_release(event);
		probe_close(&p);
	}
}

/* A kind is claimed as coming in exactly when a request makes it. Nobody asks for the coming and
 * going that a connection is, nor for the end of a poll. */
static void claims_of_requests_are_true(void **state)
{
	static struct probe p;

	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		bool made[ENVELOPE_KINDS] = {
			[KIND_ENTER] = true, [KIND_EXIT] = true, [KIND_POLL_END] = true
		};

		peer_open(&p, i);
		for (size_t k = 0; k < COUNT(requests[i]) && requests[i][k]; k++) {
			char *text = request_text(&p, requests[i][k]);

			(void)probe_decode_text(&p, text);
			free(text);
			assert_true(p.drafts + p.logins <= 1);
			if (p.draft)
				made[p.draft->kind] = true;
		}
		make_calls(i, made);
		for (size_t kind = 0; kind < ENVELOPE_KINDS; kind++)
			if (p.codec->can[kind].in != made[kind] &&
			    (p.codec->can[kind].in || kind != KIND_POLL_END))
				fail_msg("%s is wrong about %s coming in", p.codec->name,
					 envelope_kind_name((enum envelope_kind)kind));
		probe_close(&p);
	}
}

/* A field of the client's choosing, an author among them, reaches nobody. */
static void added_fields_reach_nobody(void **state)
{
	static const char added[] =
	    "{\"author\":{\"name\":\"eve-marker\"},\"user_name\":\"eve-marker\","
	    "\"username\":\"eve-marker\",\"authorId\":666,"
	    "\"eve-marker\":[\"eve-marker\"],";
	static struct probe p;

	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		peer_open(&p, i);
		for (size_t k = 0; k < COUNT(requests[i]) && requests[i][k]; k++) {
			char *request = request_text(&p, requests[i][k]);
			char text[1024];
			const char *said;
			struct envelope event;

			snprintf(text, sizeof(text), "%s%s", added, request + 1);
			free(request);
			(void)probe_decode_text(&p, text);
			if (!p.draft)
				continue;
			assert_int_equal(p.draft->author.number, 0);
			assert_null(p.draft->author.name.data);
			assert_null(p.draft->extra.data);
			event = *p.draft;
			event.id = 123;
			event.author = p.peer.self;
			if (p.codec->can[event.kind].out != RULE_NATIVE)
				continue;
			said = probe_encode(&p, &event, AUDIENCE_OTHERS);
			assert_true(!said || !strstr(said, "eve-marker"));
			assert_true(!said || !strstr(said, "666"));
		}
		probe_close(&p);
	}
}

static void every_reason_can_be_told(void **state)
{
	static struct probe p;

	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		peer_open(&p, i);
		for (enum reason reason = REASON_NONE + 1; reason < REASONS; reason++) {
			(void)probe_decode_text(&p, "{}");
			assert_non_null(probe_reply(&p, REPLY_REFUSED, reason));
		}
		probe_close(&p);
	}
}

static void broken_requests_do_no_harm(void **state)
{
	static struct probe p;

	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		peer_open(&p, i);
		for (size_t k = 0; k < COUNT(requests[i]) && requests[i][k]; k++) {
			char *text = request_text(&p, requests[i][k]);

			p.peer.logged_in = true;
			probe_torture(&p, text);
			p.peer.logged_in = false;
			probe_torture(&p, text);
			free(text);
		}
		probe_close(&p);
	}
}

/* A request of one dialect, sent to another: an answer or a meaning, never more. */
static void foreign_requests_do_no_harm(void **state)
{
	static struct probe p;

	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		peer_open(&p, i);
		for (size_t from = 0; from < DIALECTS; from++)
			for (size_t k = 0; from != i && requests[from][k]; k++) {
				char *text = request_text(&p, requests[from][k]);
				enum reason reason = probe_decode_text(&p, text);

				free(text);
				assert_int_equal(p.drafts + p.logins, 0);
				if (reason != REASON_NONE)
					assert_non_null(probe_reply(&p, REPLY_REFUSED, reason));
			}
		probe_close(&p);
	}
}

/* Last: what was added stays. */
static void others_may_be_added(void **state)
{
	static struct codec toys[DIALECTS_MAX];
	static char names[DIALECTS_MAX][8];

	(void)state;
	toys[0] = codec_mixer;
	assert_false(registry_add(&toys[0]));
	toys[0].name = "other";
	assert_false(registry_add(&toys[0])); /* of the same directive */
	for (size_t i = 0; i < DIALECTS_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "toy%zu", i);
		toys[i] = codec_simple;
		toys[i].name = names[i];
		assert_int_equal(registry_add(&toys[i]), DIALECTS + i < DIALECTS_MAX);
	}
	assert_int_equal(registry_count(), DIALECTS_MAX);
	assert_ptr_equal(registry_codec(DIALECTS), &toys[0]);
	assert_int_equal(registry_find(SLICE("toy1")), DIALECTS + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_find_their_codec),
		cmocka_unit_test(contracts_are_whole),
		cmocka_unit_test(capabilities_are_whole),
		cmocka_unit_test(refusals_are_responses),
		cmocka_unit_test(forms_are_declared),
		cmocka_unit_test(framing_does_not_change_what_is_said),
		cmocka_unit_test(peers_are_told_in_their_form),
		cmocka_unit_test(native_kinds_are_said),
		cmocka_unit_test(encoding_depends_on_the_event_alone),
		cmocka_unit_test(muted_events_are_left_out),
		cmocka_unit_test(whispers_are_never_widened),
		cmocka_unit_test(claims_of_requests_are_true),
		cmocka_unit_test(added_fields_reach_nobody),
		cmocka_unit_test(every_reason_can_be_told),
		cmocka_unit_test(broken_requests_do_no_harm),
		cmocka_unit_test(foreign_requests_do_no_harm),
		cmocka_unit_test(others_may_be_added),
	};

	return cmocka_run_group_tests_name("codecs/registry", tests, NULL, NULL);
}
