#include "bridge/upstream/ear.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/upstream/late.h"
#include "bridge/upstream/link/calls.h"
#include "codecs/text/memory.h"

/* The newest frames that came by a link that is not listened to. */
struct ear_memory {
	struct slice frames[EAR_FRAMES]; /* owned */
	unsigned next;                   /* the oldest */
	size_t bytes;
};

#define FRAME_MOST 4096        /* bytes of one */
#define BYTES_MOST (32 * 1024) /* of all */

/* Where there is a history, it tells what was missed. */
static bool remembers(const struct upstream *upstream)
{
	return upstream->front && !upstream_calls(upstream)->has_history;
}

static void frame_drop(struct slice *frame)
{
	free((char *)(uintptr_t)frame->data);
	*frame = (struct slice){ NULL, 0 };
}

/* NULL is ignored. */
static void memory_free(struct ear_memory *memory)
{
	if (!memory)
		return;
	for (unsigned i = 0; i < EAR_FRAMES; i++)
		frame_drop(&memory->frames[i]);
	free(memory);
}

/* Frees what a link keeps. */
static void ear_forget(struct link *link)
{
	memory_free(link->memory);
	link->memory = NULL;
}

static void memory_add(struct ear_memory *memory, struct slice text)
{
	unsigned place = memory->next++ % EAR_FRAMES;
	struct slice *frame = &memory->frames[place];

	memory->bytes -= frame->len;
	frame_drop(frame);
	if (text.len > FRAME_MOST)
		return;
	*frame = (struct slice){ memory_text(text.data, text.len), text.len };
	memory->bytes += text.len;
	for (unsigned i = 1; memory->bytes > BYTES_MOST; i++) {
		frame = &memory->frames[(place + i) % EAR_FRAMES];
		memory->bytes -= frame->len;
		frame_drop(frame);
	}
}

void ear_frame(struct link *link, struct slice text)
{
	struct upstream *upstream = link->upstream;

	if (!remembers(upstream))
		return;
	if (link == upstream->ear) {
		upstream->heard_frames[upstream->heard_next++ % EAR_FRAMES] = slice_fnv(text);
		return;
	}
	if (!link->memory)
		link->memory = memory_zeroed(1, sizeof(*link->memory));
	memory_add(link->memory, text);
}

static bool was_heard(const struct upstream *upstream, struct slice frame)
{
	uint64_t key = slice_fnv(frame);

	for (unsigned i = 0; i < EAR_FRAMES; i++)
		if (upstream->heard_frames[i] == key)
			return true;
	return false;
}

/* What is older than the newest that the ear before has heard was heard, too, or is too old to
 * tell. */
static void catch_up(struct link *link)
{
	struct ear_memory *memory = link->memory;
	unsigned from = memory ? memory->next : 0, begin = 0;
	bool any = false;

	if (!memory)
		return;
	/* The link may fail by what it hears. */
	link->memory = NULL;
	for (unsigned i = 0; i < EAR_FRAMES; i++) {
		struct slice frame = memory->frames[(from + i) % EAR_FRAMES];

		if (frame.data && was_heard(link->upstream, frame)) {
			begin = i + 1;
			any = true;
		}
	}
	for (unsigned i = begin; any && i < EAR_FRAMES && link->upstream->ear == link; i++) {
		struct slice frame = memory->frames[(from + i) % EAR_FRAMES];

		if (frame.data)
			link_calls_hear(link, frame);
	}
	memory_free(memory);
}

void ear_up(struct link *link)
{
	struct upstream *upstream = link->upstream;

	if (!upstream->front || upstream->ear)
		return;
	upstream->ear = link;
	if (remembers(upstream))
		catch_up(link);
}

void ear_down(struct link *link)
{
	struct upstream *upstream = link->upstream;
	struct link *next = upstream->links;

	ear_forget(link);
	if (upstream->ear != link)
		return;
	upstream->ear = NULL;
	while (next && !(next != link && next->state == LINK_UP && !next->failing))
		next = next->next;
	if (!next)
		return;
	ear_up(next);
	late_ask(next);
}
