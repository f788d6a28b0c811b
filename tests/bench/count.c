/* count.c - the work of a message, step by step, for callgrind to count instructions.
 *
 *   valgrind --tool=callgrind ... count
 *
 * Linked with the product's own objects. Each step is done REPEATS times between zeroing the
 * counts and writing them out under the step's name, so counts.py has only to divide. Prints
 * "NAME TIMES" for each. Steps:
 *   decode.D       one frame of a dialect, through the draft door
 *   parts, seal    what the bridge does to a text before it is ordered
 *   encode.D       one frame for a dialect, allocated and freed
 *   websocket.T    one of 50 frames of 200 bytes in a segment, ASCII or other letters, unmasked
 *                  and judged
 *   message.D.N    a message from session to transport, N members of the dialect in the room
 *   asked          a message through an ask, BURST at once, FEW members; ZeroMQ left out
 * counts.py takes the difference of two N for one delivery. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <valgrind/callgrind.h>

#include "bridge/backend/backend.h"
#include "bridge/client/life.h"
#include "bridge/net/ws/ws_reader.h"
#include "bridge/turn.h"
#include "codecs/model/parts.h"
#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "tests/support/actors.h"
#include "tests/support/codec_probe.h"
#include "tests/support/dialects.h"
#include "tests/support/stage.h"
#include "tests/support/ws_cases.h"

#define REPEATS    200
#define TEXT_BYTES 256
#define FEW        8
#define MANY       40
#define BURST      32

static const char rooms_config[] =
    "rooms = ( { name = \"lobby\"; mixer = 1; concord = 1; history = 0;"
    " rooms = \"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\"; } );"
    "limits = { messages_per_second = 0; requests_under_way = 64; };";

/* 256 bytes as people write them, with a quotation mark and letters beyond ASCII. */
static const char text[] = "Yesterday we tried the new server with everybody in the caf\xc3\xa9, "
			   "and it held; somebody said \\\"it is fast\\\" and nobody had "
			   "anything to add to that, which is rare. Tomorrow we will do the same "
			   "with twice as many people, so please bring a chair and some "
			   "more tea.";

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "count: %s\n", what);
	exit(1);
}

static void begin(void)
{
	CALLGRIND_ZERO_STATS;
}

static void end_times(const char *name, int times)
{
	CALLGRIND_DUMP_STATS_AT(name);
	printf("%s %d\n", name, times);
}

static void end(const char *step, const char *detail, unsigned number)
{
	char name[64];
	int len = snprintf(name, sizeof(name), "%s", step);

	if (detail)
		len += snprintf(name + len, sizeof(name) - (size_t)len, ".%s", detail);
	if (number)
		snprintf(name + len, sizeof(name) - (size_t)len, ".%u", number);
	end_times(name, REPEATS);
}

/* ---- one frame in, one frame out ---- */

struct doors {
	struct codec_sink sink; /* first: a door finds it by it */
	unsigned drafts;
	struct codec_draft draft;
};

static void draft_door(struct codec_sink *sink, const struct codec_draft *draft)
{
	struct doors *intake = (struct doors *)(void *)sink;

	intake->drafts++;
	intake->draft = *draft;
}

static void login_door(struct codec_sink *sink, const struct codec_login *login)
{
	(void)sink;
	(void)login;
	fail("a message was taken for a login");
}

static void query_door(struct codec_sink *sink, const struct codec_query *query)
{
	(void)sink;
	(void)query;
	fail("a message was taken for a query");
}

static void answer_door(struct codec_sink *sink, struct frame *frame)
{
	(void)sink;
	frame_release(frame);
	fail("a message was answered by its decoder");
}

static void frame_write(size_t dialect, char *out, size_t size)
{
	static const char *const forms[DIALECTS] = {
		[DIALECT_MIXER] =
		    "{\"type\":\"method\",\"method\":\"msg\",\"arguments\":[\"%s\"],\"id\":7}",
		[DIALECT_CONCORD] = "{\"type\":\"chat_written\",\"channelId\":7,\"threadId\":null,"
				    "\"sentAt\":1700000000000,\"content\":\"%s\"}",
		[DIALECT_ROOMS] = "{\"type\":\"message\",\"key\":\"ann\",\"room_id\":\"" PROBE_ROOM
				  "\",\"content\":\"%s\"}",
		[DIALECT_SIMPLE] =
		    "{\"type\":\"send_message\",\"payload_id\":\"7\",\"message\":\"%s\"}",
	};
	const char *form = forms[dialect], *place = strstr(form, "%s");

	snprintf(out, size, "%.*s%s%s", (int)(place - form), form, text, place + 2);
}

static void probe_log_in(struct probe *probe, size_t dialect)
{
	static const char *const queries[DIALECTS] = { "name=ann", "token=ann", "key=ann", NULL };

	probe_open(probe, registry_codec(dialect));
	if (probe_handshake(probe, queries[dialect],
			    dialect == DIALECT_SIMPLE ? "Basic YW5uOng=" : NULL) != REASON_NONE)
		fail("a handshake was refused");
	probe->peer.logged_in = true;
}

static struct codec_draft decode_count(size_t dialect, char *frame, char *scratch)
{
	struct doors intake = { .sink = { draft_door, login_door, query_door, answer_door } };
	struct probe probe;
	struct slice bytes = slice_of(frame);

	probe_log_in(&probe, dialect);
	probe.peer.scratch = scratch;
	begin();
	for (int i = 0; i < REPEATS; i++)
		if (probe.codec->serves->decode(&probe.peer, bytes, &intake.sink) != REASON_NONE)
			fail("a message was refused");
	end("decode", probe.codec->name, 0);
	if (intake.drafts != REPEATS || intake.draft.event.text.len != TEXT_BYTES)
		fail("a decoder found another text");
	probe_close(&probe);
	return intake.draft;
}

/* The event as the bridge would seal it: without parts, which this text has none of. */
static struct envelope *seal_count(const struct probe *probe, struct envelope event)
{
	struct part parts[8];
	char links[256];

	begin();
	for (int i = 0; i < REPEATS; i++)
		event.part_count = parts_find(event.text, NULL, NULL, parts, 8, links, 256);
	end("parts", NULL, 0);
	event.room = SLICE("lobby");
	event.author = probe_person(probe, 42, "ann");
	begin();
	for (int i = 0; i < REPEATS; i++)
		envelope_release(envelope_seal(&event));
	end("seal", NULL, 0);
	event.id = 4500000000000000;
	event.sequence = 17;
	event.time_ms = PROBE_NOW;
	return envelope_seal(&event);
}

static void encode_count(size_t dialect, const struct envelope *event)
{
	struct probe probe;

	probe_open(&probe, registry_codec(dialect));
	begin();
	for (int i = 0; i < REPEATS; i++) {
		struct frame *frame;

		if (probe.codec->serves->encode(event, &probe.view, &probe.peer.form,
						AUDIENCE_OTHERS, 0, &frame) != CODEC_OK)
			fail("a dialect has no word for a message");
		frame_release(frame);
	}
	end("encode", probe.codec->name, 0);
	probe_close(&probe);
}

static void translation_count(void)
{
	static char frame[1024], scratch[1024];
	struct envelope *event = NULL;
	struct probe probe;

	probe_open(&probe, registry_codec(DIALECT_SIMPLE));
	for (size_t dialect = 0; dialect < DIALECTS; dialect++) {
		struct codec_draft draft;

		frame_write(dialect, frame, sizeof(frame));
		draft = decode_count(dialect, frame, scratch);
		if (!event)
			event = seal_count(&probe, draft.event);
	}
	for (size_t dialect = 0; dialect < DIALECTS; dialect++)
		encode_count(dialect, event);
	envelope_release(event);
	probe_close(&probe);
}

/* ---- the bytes of a WebSocket ---- */

#define SEGMENT     50
#define FRAME_BYTES 200

static unsigned segment_read(struct ws_reader *reader, const struct ws_bytes *segment)
{
	struct ws_input input = { segment->data, segment->len, 65536, NULL, false };
	struct ws_message message;
	enum ws_step step;
	unsigned messages = 0;

	while ((step = ws_read(reader, &input, &message)) == WS_MESSAGE)
		messages++;
	return step == WS_MORE ? messages : 0;
}

/* letter: two bytes that are repeated. */
static void websocket_count(const char *name, const char *letter)
{
	struct ws_bytes segments[REPEATS / SEGMENT] = { { .data = NULL } };
	struct ws_reader reader = { .parts = NULL };
	unsigned char payload[FRAME_BYTES];
	unsigned messages = 0;

	for (size_t i = 0; i < FRAME_BYTES; i++)
		payload[i] = (unsigned char)letter[i & 1];
	for (size_t i = 0; i < REPEATS; i++)
		ws_frame_add(&segments[i / SEGMENT], 0x81, payload, FRAME_BYTES);
	begin();
	for (size_t i = 0; i < REPEATS / SEGMENT; i++)
		messages += segment_read(&reader, &segments[i]);
	end("websocket", name, 0);
	if (messages != REPEATS)
		fail("a frame was not read");
	for (size_t i = 0; i < REPEATS / SEGMENT; i++)
		free(segments[i].data);
}

/* ---- a whole message, with the socket left out ---- */

static size_t written;

static bool count_write(void *conn, const unsigned char *bytes, size_t len, bool *complete)
{
	(void)conn;
	(void)bytes;
	written += len;
	*complete = true;
	return true;
}

static void count_close(void *conn, enum close_reason why)
{
	(void)conn;
	fail(close_text(why));
}

static void count_kill(void *conn)
{
	(void)conn;
	fail("a session was killed");
}

static void count_pause(void *conn, bool paused)
{
	(void)conn;
	(void)paused;
}

static uint64_t count_silent_ms(void *conn)
{
	(void)conn;
	return 0;
}

static char *count_address(void *conn, char out[ADDRESS_TEXT_MAX])
{
	(void)conn;
	return strcpy(out, "192.0.2.1");
}

static const struct transport nowhere = { .write = count_write,
					  .close = count_close,
					  .kill = count_kill,
					  .pause = count_pause,
					  .silent_ms = count_silent_ms,
					  .address = count_address };

static struct stage *room_open(const char *config, size_t dialect, unsigned members)
{
	struct stage *stage = stage_new(config, 1, STAGE_START_MS);
	const struct actor usual = { .path = NULL };

	if (!stage)
		fail("the configuration was refused");
	for (unsigned i = 0; i < members; i++) {
		char name[16];

		snprintf(name, sizeof(name), "member%02u", i);
		if (!actor_join(stage, name, dialect, &usual))
			fail("a member was refused");
	}
	stage_settle(stage);
	return stage;
}

static void message_once(struct stage *stage)
{
	struct stage_client *speaker = stage->clients;
	struct stage_said *said = speaker->said;
	struct worker *worker = stage->bridge->workers[0];

	life_receive(speaker->session, slice_span(said->bytes, said->len), false);
	turn_run(worker);
	while (worker->box.first || worker->dirty)
		turn_run(worker);
}

/* Its first member has said a text that stays there to be said again. */
static struct stage *said_open(const char *config, size_t dialect, unsigned members)
{
	struct stage *stage = room_open(config, dialect, members);

	for (struct stage_client *client = stage->clients; client; client = client->next)
		client->session->transport = &nowhere;
	stage->held = true;
	stage->clients->paused = true;
	actor_says(stage->clients, text);
	return stage;
}

static void message_count(size_t dialect, unsigned members)
{
	struct stage *stage = said_open(rooms_config, dialect, members);

	message_once(stage);
	written = 0;
	begin();
	for (int i = 0; i < REPEATS; i++)
		message_once(stage);
	end("message", registry_codec(dialect)->name, members);
	if (written < (size_t)REPEATS * members * TEXT_BYTES)
		fail("a message did not reach everybody");
	/* The process ends here: nothing is freed. */
}

/* ---- through an ask: a backend that allows everything ---- */

static const char asked_config[] =
    "rooms = ( { name = \"lobby\"; history = 0; } );"
    "limits = { messages_per_second = 0; requests_under_way = 64; };"
    "backends = ( { name = \"judge\"; bind = \"ipc://j\"; } );"
    "routes = ( { name = \"all\"; kind = \"message\"; then = ( { ask = \"judge\"; } ); } );";

struct judge {
	bool ready;
	size_t asked, answered;
	char metas[BURST][64];
};

static enum socket_sent judge_send(void *socket, const struct slice *frames, size_t count)
{
	static const char after[] = ",\"verdict\":\"allow\"}";
	struct judge *judge = socket;
	size_t len = 0;

	if (count < 5)
		return SOCKET_SENT;
	while (len < 30 && frames[3].data[len] != ',')
		len++;
	if (judge->asked == BURST || !slice_starts_with(frames[3], "{\"id\":") || len == 30)
		fail("an ask is wrong");
	memcpy(judge->metas[judge->asked], frames[3].data, len);
	memcpy(judge->metas[judge->asked++] + len, after, sizeof(after));
	return SOCKET_SENT;
}

static bool judge_receive(void *socket, struct socket_message *message)
{
	struct judge *judge = socket;

	if (judge->ready && judge->answered == judge->asked)
		return false;
	*message = (struct socket_message){ .count = 4 };
	message->frames[0] = SLICE("judge");
	message->frames[1] = SLICE("DGM1");
	message->frames[2] = judge->ready ? SLICE("ANSWER") : SLICE("READY");
	message->frames[3] = judge->ready ? slice_of(judge->metas[judge->answered++])
					  : SLICE("{\"name\":\"judge\"}");
	judge->ready = true;
	return true;
}

static void burst_once(struct stage *stage, struct judge *judge)
{
	struct stage_client *speaker = stage->clients;
	struct worker *worker = stage->bridge->workers[0];

	judge->asked = judge->answered = 0;
	for (int i = 0; i < BURST; i++)
		life_receive(speaker->session, slice_span(speaker->said->bytes, speaker->said->len),
			     false);
	do
		turn_run(worker);
	while (worker->box.first || worker->dirty || judge->answered < judge->asked);
	if (judge->answered != BURST)
		fail("not everything was asked");
}

static void asked_count(void)
{
	static const struct socket_ops line = { .send = judge_send, .receive = judge_receive };
	static struct judge judge;
	struct stage *stage = said_open(asked_config, DIALECT_SIMPLE, FEW);

	backend_attach(stage->bridge->backends[0], &line, &judge, "nowhere");
	turn_run(stage->bridge->workers[0]);
	burst_once(stage, &judge);
	written = 0;
	begin();
	for (int i = 0; i < REPEATS / BURST; i++)
		burst_once(stage, &judge);
	end_times("asked", REPEATS / BURST * BURST);
	if (written < (size_t)(REPEATS / BURST) * BURST * FEW * TEXT_BYTES)
		fail("what was asked did not reach everybody");
}

int main(void)
{
	translation_count();
	websocket_count("ascii", "ab");
	websocket_count("letters", "\xc3\xa9");
	for (size_t dialect = 0; dialect < DIALECTS; dialect++) {
		message_count(dialect, FEW);
		message_count(dialect, MANY);
	}
	asked_count();
	return 0;
}
