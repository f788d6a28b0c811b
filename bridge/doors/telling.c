#include "bridge/doors/telling.h"

#include <stdlib.h>

#include "codecs/text/memory.h"

void telling_clear(struct telling *telling)
{
	free(telling->rooms);
	free(telling->people);
	free(telling->listed);
	free(telling->history);
	adapted_list_clear(&telling->adapted);
	free(telling->reactors);
	*telling = (struct telling){ 0 };
}

void telling_adapt(struct telling *telling)
{
	struct codec_told *told = &telling->told;
	size_t count = told->history_count;
	/* Each of its own room, or all of one. */
	bool one_view = told->room_count != count;
	const struct codec_view **views;

	if (count == 0 || told->room_count == 0)
		return;
	views = memory_zeroed(count, sizeof(*views));
	for (size_t i = 0; i < (one_view ? 1 : count); i++)
		views[i] = told->rooms[i].view;
	adapted_list_make(&telling->adapted, told->history, count, views, one_view);
	free(views);
	told->history = telling->adapted.events;
}

bool telling_refuse(struct telling *telling, enum reason reason)
{
	telling->told.reason = reason;
	return true;
}
