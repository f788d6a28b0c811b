/* Messages of a backend off any bytes: what is read keeps to its limits, and an envelope that is
 * read can be written.
 *
 * Input: the frames, one a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/model/identity.h"
#include "codecs/text/json_read.h"
#include "codecs/text/name.h"
#include "codecs/text/unicode.h"
#include "tests/codecs/backend/wire_frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FRAMES_READ_MAX (WIRE_FRAMES_MAX + 2)

static void require(bool what)
{
	if (!what)
		abort();
}

/* A text of at most so many bytes, which may be absent. */
static void require_text(struct slice text, size_t max)
{
	require(text.len <= max);
	for (size_t at = 0; at < text.len;)
		require(unicode_next(text, &at) >= 0);
}

static void event_check(const struct wire_message *message)
{
	struct envelope event = message->event, *sealed;
	struct json_object object;
	struct json_writer w;

	require(event.kind < ENVELOPE_KINDS);
	require_text(event.text, WIRE_SAYING_MAX);
	require_text(event.subject.name, NAME_BYTES_MAX);
	if (event.poll) {
		require(event.poll == &message->poll);
		require(event.poll->option_count <= POLL_OPTIONS_MAX);
		require(event.poll->duration_ms >= WIRE_POLL_MIN_MS &&
			event.poll->duration_ms <= WIRE_POLL_MAX_MS);
	}
	sealed = envelope_seal(&event);
	json_start(&w, 0, 0);
	wire_put_envelope(&w, sealed);
	require(json_read(slice_span(w.data, w.len), WIRE_DEPTH_MAX, &object) == JSON_OK);
	json_clear(&w);
	envelope_release(sealed);
}

static void message_check(const struct wire_message *message)
{
	require(message->command < WIRE_COMMANDS);
	require(message->id.len <= WIRE_ID_MAX && message->number <= NUMBER_MAX);
	require(message->number ||
		(message->command != WIRE_ANSWER && message->command != WIRE_ACK));
	require(message->room_count <= WIRE_ROOMS_MAX);
	for (size_t i = 0; i < message->room_count; i++)
		require_text(message->rooms[i], NAME_BYTES_MAX);
	require_text(message->name, NAME_BYTES_MAX);
	require_text(message->room, NAME_BYTES_MAX);
	require_text(message->speaker, NAME_BYTES_MAX);
	require_text(message->person.name, NAME_BYTES_MAX);
	require_text(message->as.name, NAME_BYTES_MAX);
	require_text(message->text, WIRE_TEXT_MAX);
	require_text(message->code, NAME_BYTES_MAX);
	require(message->command != WIRE_READY ||
		(message->credits >= 1 && message->credits <= WIRE_CREDITS_MAX));
	if (message->has_envelope)
		event_check(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	struct sent sent = { .count = 0 };

	while (at < end && sent.count < FRAMES_READ_MAX) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((line ? line : end) - at);

		sent_add(&sent, slice_span(at, len));
		at += len + (line != NULL);
	}
	if (sent_read(&sent) == WIRE_OK)
		message_check(&sent.message);
	sent_clear(&sent);
	return 0;
}
