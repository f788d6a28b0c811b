#include "tests/support/inbox.h"

#include <stdlib.h>

#include "codecs/text/memory.h"

struct stage_frame *inbox_add(struct stage_frame ***end, size_t size, uint64_t at_ms)
{
	struct stage_frame *frame = memory_zeroed(1, sizeof(*frame) + size + 1);

	frame->at_ms = at_ms;
	**end = frame;
	*end = &frame->next;
	return frame;
}

void inbox_drop(struct stage_frame **link, struct stage_frame ***end)
{
	struct stage_frame *frame = *link;

	*link = frame->next;
	if (!frame->next)
		*end = link;
	free(frame);
}
