/* What the people of a crowd make of the frames they are sent: hundreds of thousands, so that
 * most are told by their beginning. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "tests/support/crowd.h"
#include "tests/support/dialects.h"

#define TEXT_MAX 1024

static const char *const messages[DIALECTS] = {
	[DIALECT_MIXER] = "{\"type\":\"event\",\"event\":\"ChatMessage\",",
	[DIALECT_CONCORD] = "{\"chat\":{",
	[DIALECT_ROOMS] = "{\"type\":\"message\",",
	[DIALECT_SIMPLE] = "{\"type\":\"message_sent\",",
};

/* What the victim alone is told; the number of mixer and concord follows. */
static const char *const kicks[DIALECTS] = {
	[DIALECT_MIXER] = "{\"type\":\"event\",\"event\":\"UserUpdate\",\"data\":{\"user\":",
	[DIALECT_CONCORD] = "{\"userId\":",
	[DIALECT_ROOMS] = "{\"type\":\"kick\",",
	[DIALECT_SIMPLE] = "{\"type\":\"message_sent\",\"message\":\"You were ",
};

/* What stands in it when it is for good. Concord makes no difference. */
static const char *const bans[DIALECTS] = {
	[DIALECT_MIXER] = "\"roles\":[\"Banned\"]",
	[DIALECT_ROOMS] = "\"permanent\":true",
	[DIALECT_SIMPLE] = "You were banned",
};

void visitor_fault(struct visitor *visitor, const char *what, const char *text)
{
	struct stage *stage = visitor->driver->stage;

	if (!stage->fault[0])
		snprintf(stage->fault, sizeof(stage->fault), "u%u (%s, plan %d) %s %s",
			 visitor->person, registry_codec(visitor->dialect)->name, visitor->plan,
			 what, text);
}

void visitor_note(struct visitor *visitor, enum note_kind kind, unsigned person, unsigned count,
		  size_t room)
{
	if (visitor->note_count == visitor->note_capacity) {
		visitor->note_capacity = visitor->note_capacity * 2 + 16;
		visitor->notes =
		    memory_resize(visitor->notes, visitor->note_capacity * sizeof(*visitor->notes));
	}
	visitor->notes[visitor->note_count++] = (struct note){ kind, person, count, room };
}

/* What follows the first mark; NULL: it is not there. */
static const char *find_after(const char *text, const char *mark)
{
	const char *at = strstr(text, mark);

	return at ? at + strlen(mark) : NULL;
}

/* What follows when the text begins so, else NULL. */
static const char *skip_start(const char *text, const char *start)
{
	size_t len = strlen(start);

	return strncmp(text, start, len) == 0 ? text + len : NULL;
}

static unsigned number_at(const char *at)
{
	return at ? (unsigned)strtoul(at, NULL, 10) : UINT32_MAX;
}

/* All that mixer and simple clients hear, and a concord client's kick, is of their own room. */
static size_t room_of_frame(struct visitor *visitor, const char *text)
{
	const struct bridge *bridge = visitor->driver->crowd->bridge;
	const struct room_entry *room = visitor->room;
	const char *at = NULL;

	if (visitor->dialect == DIALECT_ROOMS) {
		at = find_after(text, "\"room_id\":\"");
		room = at ? room_table_called(bridge->rooms, DIALECT_ROOMS, 0,
					      slice_span(at, UUID_TEXT_LEN))
			  : NULL;
	} else if (visitor->dialect == DIALECT_CONCORD) {
		at = find_after(text, "\"channelId\":");
		if (at)
			room = room_table_called(bridge->rooms, DIALECT_CONCORD, number_at(at),
						 slice_of(NULL));
	}
	if (!room)
		visitor_fault(visitor, "hears of an unknown room:", text);
	return room ? room->index : 0;
}

static bool is_own_kick(const struct visitor *visitor, const char *text)
{
	const char *rest = skip_start(text, kicks[visitor->dialect]);

	if (!rest)
		return false;
	if (visitor->dialect == DIALECT_CONCORD)
		return number_at(rest) == visitor->number && find_after(rest, "\"OFFLINE\"");
	return visitor->dialect != DIALECT_MIXER || number_at(rest) == visitor->number;
}

static void hear_kick(struct visitor *visitor, const char *text)
{
	const char *ban = bans[visitor->dialect];
	bool for_good = visitor->plan == PLAN_BAN;

	visitor_note(visitor, NOTE_KICKED, visitor->person, 0, room_of_frame(visitor, text));
	visitor->kicked = visitor->plan != PLAN_WALK;
	/* A twin does not know what the other one is in for. */
	if (ban && visitor->plan != PLAN_TWIN && (find_after(text, ban) != NULL) != for_good)
		visitor_fault(visitor, "is told of another kick:", text);
}

/* Of a text "m12.3". */
static bool read_token(const char *text, unsigned *person, unsigned *count)
{
	for (const char *at = find_after(text, "\"m"); at; at = find_after(at, "\"m")) {
		char *end;

		if (*at < '0' || *at > '9')
			continue;
		*person = (unsigned)strtoul(at, &end, 10);
		if (*end != '.')
			continue;
		*count = (unsigned)strtoul(end + 1, &end, 10);
		return *end == '"';
	}
	return false;
}

static void hear_message(struct visitor *visitor, const char *text)
{
	struct crowd *crowd = visitor->driver->crowd;
	unsigned person = 0, count = 0;

	if (!read_token(text, &person, &count))
		visitor_fault(visitor, "hears what nobody said:", text);
	visitor_note(visitor, NOTE_SAID, person, count, room_of_frame(visitor, text));
	if (visitor->plan != PLAN_STAY)
		return;
	if (person == visitor->person && count == CROWD_SAYINGS)
		atomic_fetch_add(&crowd->published, 1);
	if (person < CROWD_STEADY && count > CROWD_SAYINGS)
		atomic_fetch_add(&crowd->last_words, 1);
}

static void hear_passage(struct visitor *visitor, const char *text)
{
	unsigned person;

	if (visitor->dialect == DIALECT_ROOMS && skip_start(text, "{\"type\":\"enter\",") &&
	    strstr(text, visitor->uuid))
		visitor_note(visitor, NOTE_IN, visitor->person, 0, room_of_frame(visitor, text));
	if (visitor->dialect != DIALECT_SIMPLE)
		return;
	person = number_at(find_after(text, "\"username\":\"u"));
	if (skip_start(text, "{\"type\":\"user_connected\","))
		visitor_note(visitor, NOTE_IN, person, 0, visitor->room->index);
	if (skip_start(text, "{\"type\":\"user_disconnected\","))
		visitor_note(visitor, NOTE_OUT, person, 0, visitor->room->index);
}

/* What the bridge says of a kick, beside the dialect's own word for it. */
static bool is_telling(const struct visitor *visitor, const char *text)
{
	if (!skip_start(text, messages[visitor->dialect]))
		return false;
	return strstr(text, " was kicked") || strstr(text, " was banned") ||
	       (visitor->dialect != DIALECT_SIMPLE && strstr(text, "\"You were "));
}

static void hear(struct visitor *visitor, const char *text)
{
	/* A rooms client stays connected, so requests that were under way are answered there. */
	if (visitor->kicked &&
	    (visitor->dialect != DIALECT_ROOMS || !skip_start(text, "{\"type\":\"error\",")))
		visitor_fault(visitor, "is kicked, and hears:", text);
	else if (is_own_kick(visitor, text))
		hear_kick(visitor, text);
	else if (is_telling(visitor, text))
		return;
	else if (skip_start(text, messages[visitor->dialect]))
		hear_message(visitor, text);
	else
		hear_passage(visitor, text);
}

/* ---- the connection: the stage's own judges every frame by another JSON library, which would
 * take most of the time, and keeps it ---- */

static bool ears_write(void *conn, const unsigned char *bytes, size_t len, bool *complete)
{
	struct visitor *visitor = conn;
	char text[TEXT_MAX];

	*complete = true;
	if (visitor->client->ended || !visitor->client->session)
		visitor_fault(visitor, "is written to", "after the end");
	while (len > 0) {
		size_t header = len > 1 && bytes[1] == 126 ? 4 : 2, size = 0;

		if (len > header)
			size = header == 2 ? bytes[1] : (size_t)bytes[2] << 8 | bytes[3];
		if (bytes[0] != 0x81 || size == 0 || size >= TEXT_MAX || size > len - header) {
			visitor_fault(visitor, "is sent", "something else than frames");
			return true;
		}
		memcpy(text, bytes + header, size);
		text[size] = '\0';
		hear(visitor, text);
		bytes += header + size;
		len -= header + size;
	}
	return true;
}

static void ears_close(void *conn, enum close_reason why)
{
	const struct visitor *visitor = conn;

	visitor->below->close(visitor->client, why);
}

static void ears_kill(void *conn)
{
	visitor_fault(conn, "is cut off", "");
	((struct visitor *)conn)->below->kill(((struct visitor *)conn)->client);
}

static void ears_pause(void *conn, bool paused)
{
	const struct visitor *visitor = conn;

	visitor->below->pause(visitor->client, paused);
}

static uint64_t ears_silent_ms(void *conn)
{
	const struct visitor *visitor = conn;

	return visitor->below->silent_ms(visitor->client);
}

static char *ears_address(void *conn, char out[ADDRESS_TEXT_MAX])
{
	const struct visitor *visitor = conn;

	return visitor->below->address(visitor->client, out);
}

static void ears_accept(void *conn, bool more)
{
	const struct visitor *visitor = conn;

	visitor->below->accept(visitor->client, more);
}

static void ears_refuse(void *conn, enum reason reason, const struct codec_response *response)
{
	const struct visitor *visitor = conn;

	visitor->below->refuse(visitor->client, reason, response);
}

static const struct transport ears = {
	.accept = ears_accept,
	.refuse = ears_refuse,
	.write = ears_write,
	.close = ears_close,
	.kill = ears_kill,
	.pause = ears_pause,
	.silent_ms = ears_silent_ms,
	.address = ears_address,
};

void visitor_open_ears(struct visitor *visitor)
{
	struct session *session = visitor->client->session;

	visitor->below = session->transport;
	session->transport = &ears;
	session->conn = visitor;
}
