#include "bridge/upstream/ear.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/upstream/late.h"
#include "bridge/upstream/link/calls.h"
#include "codecs/text/memory.h"

#define FRAME_MOST 4096        /* bytes of one; of a longer one is only kept that it came */
#define BYTES_MOST (32 * 1024) /* of all that a link keeps */

/* All links hear nearly the same: what is kept for several of them is kept once. */
struct kept_frame {
	unsigned holders;
	size_t len;
	char text[];
};

/* What came last by any of an upstream's links, for those that hear it next. */
struct ear_recent {
	unsigned holders; /* memories of links */
	struct kept_frame *frames[EAR_FRAMES];
	unsigned next;
};

/* The newest frames that came by a link that is not listened to. NULL: none, or too long. */
struct ear_memory {
	struct ear_recent *recent;
	struct kept_frame *frames[EAR_FRAMES];
	unsigned next; /* the oldest */
	size_t bytes;
};

/* Where there is a history, it tells what was missed. */
static bool remembers(const struct upstream *upstream)
{
	return upstream->front && !upstream_calls(upstream)->has_history;
}

/* ---- frames ---- */

static struct kept_frame *frame_new(struct slice text)
{
	struct kept_frame *frame = memory_new(sizeof(*frame) + text.len);

	frame->holders = 0;
	frame->len = text.len;
	memcpy(frame->text, text.data, text.len);
	return frame;
}

static void frame_drop(struct kept_frame *frame)
{
	if (frame && --frame->holders == 0)
		free(frame);
}

/* Over the oldest of a ring. */
static void frame_put(struct kept_frame **frames, unsigned *next, struct kept_frame *frame)
{
	struct kept_frame **place = &frames[(*next)++ % EAR_FRAMES];

	if (frame)
		frame->holders++;
	frame_drop(*place);
	*place = frame;
}

static void frames_drop(struct kept_frame **frames)
{
	for (unsigned i = 0; i < EAR_FRAMES; i++)
		frame_drop(frames[i]);
}

/* Most likely the link before heard it just now. */
static struct kept_frame *frame_find(const struct ear_recent *recent, struct slice text)
{
	for (unsigned i = 1; i <= EAR_FRAMES; i++) {
		struct kept_frame *frame = recent->frames[(recent->next - i) % EAR_FRAMES];

		if (!frame)
			return NULL;
		if (slice_equal(slice_span(frame->text, frame->len), text))
			return frame;
	}
	return NULL;
}

static struct kept_frame *frame_of(struct ear_recent *recent, struct slice text)
{
	struct kept_frame *frame = frame_find(recent, text);

	if (frame)
		return frame;
	frame = frame_new(text);
	frame_put(recent->frames, &recent->next, frame);
	return frame;
}

/* ---- memories ---- */

static struct ear_recent *recent_of(const struct upstream *upstream)
{
	const struct link *link = upstream->links;

	while (link && !link->memory)
		link = link->next;
	return link ? link->memory->recent : memory_zeroed(1, sizeof(struct ear_recent));
}

static void memory_begin(struct link *link)
{
	struct ear_recent *recent = recent_of(link->upstream);

	recent->holders++;
	link->memory = memory_zeroed(1, sizeof(*link->memory));
	link->memory->recent = recent;
}

static void memory_free(struct ear_memory *memory)
{
	if (!memory)
		return;
	frames_drop(memory->frames);
	if (--memory->recent->holders == 0) {
		frames_drop(memory->recent->frames);
		free(memory->recent);
	}
	free(memory);
}

/* Frees what a link keeps. */
static void ear_forget(struct link *link)
{
	memory_free(link->memory);
	link->memory = NULL;
}

static size_t size_of(const struct kept_frame *frame)
{
	return frame ? frame->len : 0;
}

static void memory_add(struct ear_memory *memory, struct kept_frame *frame)
{
	unsigned place = memory->next % EAR_FRAMES;

	memory->bytes += size_of(frame);
	memory->bytes -= size_of(memory->frames[place]);
	frame_put(memory->frames, &memory->next, frame);
	for (unsigned i = 1; memory->bytes > BYTES_MOST; i++) {
		struct kept_frame **old = &memory->frames[(place + i) % EAR_FRAMES];

		memory->bytes -= size_of(*old);
		frame_drop(*old);
		*old = NULL;
	}
}

void ear_frame(struct link *link, struct slice text)
{
	struct upstream *upstream = link->upstream;
	struct ear_memory *memory;

	if (!remembers(upstream))
		return;
	if (link == upstream->ear) {
		upstream->heard_frames[upstream->heard_next++ % EAR_FRAMES] = slice_fnv(text);
		return;
	}
	if (!link->memory)
		memory_begin(link);
	memory = link->memory;
	memory_add(memory, text.len <= FRAME_MOST ? frame_of(memory->recent, text) : NULL);
}

/* ---- the ear ---- */

static bool was_heard(const struct upstream *upstream, const struct kept_frame *frame)
{
	uint64_t key = slice_fnv(slice_span(frame->text, frame->len));

	for (unsigned i = 0; i < EAR_FRAMES; i++)
		if (upstream->heard_frames[i] == key)
			return true;
	return false;
}

/* What is older than the newest that the ear before has heard was heard, too, or is too old to
 * tell. Any of it may be that the link is to end: its memory is not its own by then. */
static void catch_up(struct link *link)
{
	struct ear_memory *memory = link->memory;
	unsigned from = memory ? memory->next : 0, begin = 0;
	bool any = false;

	link->memory = NULL;
	for (unsigned i = 0; memory && i < EAR_FRAMES; i++) {
		const struct kept_frame *frame = memory->frames[(from + i) % EAR_FRAMES];

		if (frame && was_heard(link->upstream, frame)) {
			begin = i + 1;
			any = true;
		}
	}
	for (unsigned i = begin; any && i < EAR_FRAMES && link->upstream->ear == link; i++) {
		const struct kept_frame *frame = memory->frames[(from + i) % EAR_FRAMES];

		if (frame)
			link_calls_hear(link, slice_span(frame->text, frame->len));
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
