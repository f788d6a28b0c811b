#include "bridge/core/past.h"

#include <stdlib.h>

void past_clear(struct past *past)
{
	for (size_t i = 0; i < past->count; i++)
		envelope_release(past->events[i]);
	free(past->events);
	past->events = NULL;
	past->count = 0;
}
