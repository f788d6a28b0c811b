#include "tests/support/hearing.h"

#include <stdbool.h>
#include <string.h>

#include "bridge/net/ws/ws_deflate.h"
#include "tests/support/frame_measure.h"
#include "tests/support/json_oracle.h"
#include "tests/support/stage.h"

#define TEXT            0x81
#define TEXT_COMPRESSED 0xc1
#define PING            0x89
#define PLAIN_MAX       ((size_t)1 << 24)

/* Somebody else's JSON library is the judge: our reader must not vouch for our writer. What it
 * cannot read but JSON allows can stand in a request id or a heartbeat that is sent back. */
static bool is_object(const char *text, size_t len)
{
	struct oracle root = { .value = NULL };
	enum oracle_verdict verdict = oracle_read(text, len, &root);
	bool object = verdict == ORACLE_BIG_NUMBER || verdict == ORACLE_NUL_IN_NAME ||
		      verdict == ORACLE_LONE_SURROGATE;

	if (verdict != ORACLE_VALID)
		return object && len > 1 && text[0] == '{' && text[len - 1] == '}';
	object = root.type == ORACLE_OBJECT;
	oracle_free(&root);
	return object;
}

static const char *message_take(struct stage_client *client, const char *bytes, size_t len)
{
	struct stage_frame *frame = inbox_add(&client->inbox_end, len, client->stage->now_ms);

	frame->len = len;
	memcpy(frame->text, bytes, len);
	return is_object(frame->text, len) ? NULL : "was sent something that is not a JSON object";
}

static const char *compressed_take(struct stage_client *client, const unsigned char *bytes,
				   size_t len)
{
	struct ws_inflate *back = ws_inflate_new();
	const char *wrong = "was sent what does not inflate";
	struct slice plain;

	if (!client->transport.compressed)
		wrong = "was sent compressed bytes";
	else if (ws_inflate_message(back, bytes, len, PLAIN_MAX, &plain) == 0)
		wrong = message_take(client, plain.data, plain.len);
	client->compressed++;
	ws_inflate_free(back);
	return wrong;
}

static const char *lines_take(struct stage_client *client, const char *bytes, size_t len)
{
	const char *wrong = NULL;

	while (len > 0 && !wrong) {
		const char *end = memmem(bytes, len, "\r\n", 2);
		size_t size = end ? (size_t)(end - bytes) : 0;

		if (!end || memchr(bytes, '\n', size) || memchr(bytes, '\r', size) ||
		    memchr(bytes, '\0', size))
			return "was sent bytes that are no line";
		wrong = message_take(client, bytes, size);
		bytes += size + 2;
		len -= size + 2;
	}
	return wrong;
}

static const char *frame_take(struct stage_client *client, unsigned first,
			      const unsigned char *payload, size_t len)
{
	switch (first) {
	case TEXT: return message_take(client, (const char *)payload, len);
	case TEXT_COMPRESSED: return compressed_take(client, payload, len);
	case PING: break;
	default: return "was sent bytes that are no frame";
	}
	client->pings++;
	if (!client->silent)
		client->heard_tick = client->stage->tick_ms;
	return NULL;
}

const char *hearing_frame(struct stage_client *client, const unsigned char *bytes, size_t len)
{
	const char *wrong = NULL;

	if (client->transport.framing == FRAMING_LINES)
		return lines_take(client, (const char *)bytes, len);
	while (len > 0 && !wrong) {
		size_t header = 0, size = frame_measure(bytes, len, &header);

		if (size == 0)
			return "was sent bytes that are no frame";
		wrong = frame_take(client, bytes[0], bytes + header, size - header);
		bytes += size;
		len -= size;
	}
	return wrong;
}
