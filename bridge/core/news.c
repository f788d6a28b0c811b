#include "bridge/core/news.h"

#include <stdlib.h>

#include "codecs/text/memory.h"

struct news *news_new(const struct room_table *rooms, const struct route_table *rules,
		      size_t rooms_most)
{
	struct news *news = memory_zeroed(1, sizeof(*news));

	atomic_init(&news->holders, 1);
	news->rooms = room_table_hold(rooms);
	news->rules = route_table_hold(rules);
	news->changed = memory_zeroed(rooms_most, sizeof(*news->changed));
	news->opened = memory_zeroed(rooms_most, sizeof(*news->opened));
	news->removed = memory_zeroed(rooms_most, sizeof(*news->removed));
	return news;
}

struct news *news_hold(struct news *news)
{
	atomic_fetch_add_explicit(&news->holders, 1, memory_order_relaxed);
	return news;
}

void news_release(struct news *news)
{
	if (!news || atomic_fetch_sub_explicit(&news->holders, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < news->changed_count; i++)
		free(news->changed[i].lists);
	room_table_release(news->rooms);
	route_table_release(news->rules);
	free(news->changed);
	free(news->opened);
	free(news->removed);
	free(news->gone);
	free(news);
}
