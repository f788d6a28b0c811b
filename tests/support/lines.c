#include "tests/support/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/backend/backend.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"
#include "tests/support/stage.h"

/* A message on its way to the bridge: frames one after the other in bytes. */
struct said {
	struct said *next;
	struct slice frames[SOCKET_FRAMES_MAX];
	size_t count;
	bool oversized;
	char bytes[];
};

/* One backend's or tap's line. */
struct stage_lines {
	struct stage *stage;
	struct stage_lines *next;
	const char *name;
	bool is_tap;
	struct said *said, **said_end, *received;
	struct stage_instance *instances; /* of all lines: the first line's */
};

static struct stage_lines *first_line(const struct stage *stage)
{
	return stage->lines;
}

struct stage_instance *stage_instances(const struct stage *stage)
{
	return stage->lines ? first_line(stage)->instances : NULL;
}

struct stage_instance *stage_instance_find(const struct stage *stage, struct slice name)
{
	for (struct stage_instance *i = stage_instances(stage); i; i = i->next)
		if (slice_is(name, i->name))
			return i;
	return NULL;
}

/* ---- what the bridge sends ---- */

static void frames_note(struct stage_instance *instance, const struct slice *frames, size_t count)
{
	size_t size = 0;
	struct stage_frame *frame;

	for (size_t i = 0; i < count; i++)
		size += frames[i].len + 3;
	frame = inbox_add(&instance->inbox_end, size, instance->line->stage->now_ms);
	for (size_t i = 0; i < count; i++) {
		if (i > 0) {
			memcpy(frame->text + frame->len, " | ", 3);
			frame->len += 3;
		}
		memcpy(frame->text + frame->len, frames[i].data, frames[i].len);
		frame->len += frames[i].len;
	}
}

/* identity, DGM1, command, meta and maybe an envelope. */
static enum socket_sent router_send(void *conn, const struct slice *frames, size_t count)
{
	struct stage_lines *line = conn;
	struct stage_instance *instance = stage_instance_find(line->stage, frames[0]);

	if (!instance || instance->line != line || instance->dead)
		return SOCKET_GONE;
	if (instance->blocked)
		return SOCKET_FULL;
	if (slice_is(frames[2], "HEARTBEAT"))
		instance->beats++;
	else
		frames_note(instance, frames + 2, count - 2);
	return SOCKET_SENT;
}

static enum socket_sent tap_send(void *conn, const struct slice *frames, size_t count)
{
	struct stage_lines *line = conn;

	for (struct stage_instance *i = stage_instances(line->stage); i; i = i->next)
		if (i->line == line)
			frames_note(i, frames, count);
	return SOCKET_SENT;
}

static bool router_receive(void *conn, struct socket_message *message)
{
	struct stage_lines *line = conn;

	free(line->received);
	line->received = line->said;
	if (!line->said)
		return false;
	line->said = line->said->next;
	if (!line->said)
		line->said_end = &line->said;
	memcpy(message->frames, line->received->frames, sizeof(message->frames));
	message->count = line->received->count;
	message->oversized = line->received->oversized;
	return true;
}

static const struct socket_ops router = { .send = router_send, .receive = router_receive };
static const struct socket_ops tap = { .send = tap_send };

/* ---- what instances say ---- */

static void said_frame(struct said *said, char **at, struct slice text)
{
	if (said->count == SOCKET_FRAMES_MAX) {
		said->oversized = true;
		return;
	}
	memcpy(*at, text.data, text.len);
	said->frames[said->count++] = slice_span(*at, text.len);
	*at += text.len;
}

static void instance_say(struct stage_instance *instance, struct slice text, bool raw)
{
	struct said *said = memory_zeroed(1, sizeof(*said) + text.len + LINE_NAME_MAX + 8);
	char *at = said->bytes;

	said_frame(said, &at, slice_of(instance->name));
	if (!raw)
		said_frame(said, &at, SLICE("DGM1"));
	while (text.data) {
		const char *mark = text.len ? memmem(text.data, text.len, " | ", 3) : NULL;
		size_t len = mark ? (size_t)(mark - text.data) : text.len;

		said_frame(said, &at, slice_span(text.data, len));
		text = mark ? slice_span(mark + 3, text.len - len - 3) : (struct slice){ NULL, 0 };
	}
	*instance->line->said_end = said;
	instance->line->said_end = &said->next;
}

void stage_instance_say(struct stage *stage, struct stage_instance *instance, struct slice text,
			bool raw)
{
	if (!raw && slice_starts_with(text, "READY"))
		instance->ready = true;
	else if (!raw && slice_starts_with(text, "BYE"))
		instance->ready = false;
	instance_say(instance, text, raw);
	stage_settle(stage);
}

void stage_lines_beat(struct stage *stage)
{
	for (struct stage_instance *i = stage_instances(stage); i; i = i->next)
		if (i->ready && !i->silent && !i->dead)
			instance_say(i, SLICE("HEARTBEAT"), false);
}

bool stage_lines_busy(const struct stage *stage)
{
	for (struct stage_lines *line = stage->lines; line; line = line->next)
		if (line->said)
			return true;
	return false;
}

void stage_instance_drop(struct stage_instance *instance)
{
	inbox_drop(&instance->inbox, &instance->inbox_end);
}

/* ---- up and down ---- */

static struct stage_lines *line_add(struct stage *stage, const char *name, bool is_tap)
{
	struct stage_lines *line = memory_zeroed(1, sizeof(*line)), **end = &stage->lines;

	line->stage = stage;
	line->name = name;
	line->is_tap = is_tap;
	line->said_end = &line->said;
	while (*end)
		end = &(*end)->next;
	*end = line;
	return line;
}

struct stage_lines *stage_lines_new(struct stage *stage)
{
	for (size_t i = 0; i < stage->bridge->backend_count; i++)
		backend_attach(stage->bridge->backends[i], &router,
			       line_add(stage, stage->conf->backends[i].name, false), "memory");
	for (size_t i = 0; i < stage->bridge->tap_count; i++)
		tap_attach(stage->bridge->taps[i], &tap,
			   line_add(stage, stage->conf->taps[i].name, true), "memory");
	return stage->lines;
}

static void instances_free(struct stage_instance *instance)
{
	while (instance) {
		struct stage_instance *next = instance->next;

		while (instance->inbox)
			stage_instance_drop(instance);
		free(instance);
		instance = next;
	}
}

void stage_lines_free(struct stage_lines *lines)
{
	if (lines)
		instances_free(lines->instances);
	while (lines) {
		struct stage_lines *next = lines->next;

		while (lines->said) {
			struct said *said = lines->said;

			lines->said = said->next;
			free(said);
		}
		free(lines->received);
		free(lines);
		lines = next;
	}
}

struct stage_instance *stage_instance_new(struct stage *stage, const char *name,
					  struct slice backend)
{
	struct stage_lines *line = stage->lines;
	struct stage_instance *instance, **end;

	while (line && !slice_is(backend, line->name))
		line = line->next;
	if (!line)
		return NULL;
	instance = memory_zeroed(1, sizeof(*instance));
	snprintf(instance->name, sizeof(instance->name), "%s", name);
	instance->line = line;
	instance->inbox_end = &instance->inbox;
	for (end = &first_line(stage)->instances; *end; end = &(*end)->next)
		;
	*end = instance;
	return instance;
}
