/* wire_frames.h - messages as backends send them, for the tests of wire_read(). */
#ifndef TESTS_CODECS_BACKEND_WIRE_FRAMES_H
#define TESTS_CODECS_BACKEND_WIRE_FRAMES_H

#include <stdlib.h>
#include <string.h>

#include "codecs/backend/wire.h"

/* A message and what was read of it. The frames are blocks of exactly their length, so that a
 * sanitizer sees every byte too far; so is the scratch memory. */
struct sent {
	struct slice frames[8];
	size_t count;
	char *scratch;
	struct wire_message message;
	enum wire_status status;
	char why[WIRE_WHY_MAX];
};

static inline void sent_add(struct sent *sent, struct slice frame)
{
	char *copy = malloc(frame.len ? frame.len : 1);

	assert_non_null(copy);
	if (frame.len)
		memcpy(copy, frame.data, frame.len);
	sent->frames[sent->count++] = slice_span(copy, frame.len);
}

static inline enum wire_status sent_read(struct sent *sent)
{
	size_t total = 0;

	for (size_t i = 0; i < sent->count; i++)
		total += sent->frames[i].len;
	free(sent->scratch);
	sent->scratch = malloc(total ? total : 1);
	assert_non_null(sent->scratch);
	memset(sent->why, 'x', sizeof(sent->why));
	memset(&sent->message, 0xa5, sizeof(sent->message));
	sent->status =
	    wire_read(sent->frames, sent->count, sent->scratch, &sent->message, sent->why);
	assert_non_null(memchr(sent->why, '\0', sizeof(sent->why)));
	for (const char *at = sent->why; *at; at++)
		assert_in_range(*at, 0x20, 0x7e);
	assert_int_equal(sent->why[0] != '\0', sent->status != WIRE_OK);
	return sent->status;
}

static inline void sent_clear(struct sent *sent)
{
	for (size_t i = 0; i < sent->count; i++)
		free((void *)(uintptr_t)sent->frames[i].data);
	free(sent->scratch);
	memset(sent, 0, sizeof(*sent));
}

/* Makes and reads "DGM1" | command | meta | envelope; NULL leaves a frame out. */
static inline struct wire_message *send_frames(struct sent *sent, const char *command,
					       struct slice meta, struct slice envelope)
{
	memset(sent, 0, sizeof(*sent));
	sent_add(sent, SLICE("DGM1"));
	sent_add(sent, slice_of(command));
	if (meta.data)
		sent_add(sent, meta);
	if (envelope.data)
		sent_add(sent, envelope);
	sent_read(sent);
	return &sent->message;
}

#endif
