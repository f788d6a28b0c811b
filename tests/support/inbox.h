/* inbox.h - what was sent to somebody and not yet looked at, in order: a list that its owner keeps
 * as its first frame and the place where the next one goes. */
#ifndef TESTS_SUPPORT_INBOX_H
#define TESTS_SUPPORT_INBOX_H

#include <stddef.h>
#include <stdint.h>

struct stage_frame {
	struct stage_frame *next;
	uint64_t at_ms; /* the stage's time of day when it came */
	size_t len;
	char text[]; /* NUL-terminated after len */
};

/* Appends an empty frame with room for size bytes and the NUL, all zero. Borrows. */
struct stage_frame *inbox_add(struct stage_frame ***end, size_t size, uint64_t at_ms);

/* Takes the frame at link out of its list, wherever it stands, and frees it. */
void inbox_drop(struct stage_frame **link, struct stage_frame ***end);

#endif
