#include "codecs/concord/calls.h"

#include <stdlib.h>

#include "codecs/text/memory.h"

/* A longer one does not wait for names. */
#define LATE_BYTES    262144
#define SCRATCH_SPARE 1024 /* see call_peer.scratch */

/* The values of an array, at most so many. Returns new. */
static struct json_value *list_items(struct json_value list, size_t most, size_t *count)
{
	struct json_value *items = memory_new(most * sizeof(*items) + 1);
	size_t cursor = 0;

	*count = 0;
	while (*count < most && json_item(list, &cursor, &items[*count]))
		(*count)++;
	return items;
}

/* The newest come first. */
static void tell(struct call_peer *peer, struct json_value list, struct call_sink *sink)
{
	struct concord_link *link = peer->state;
	size_t asked = link->history, count, told = 0;
	struct json_value *items = list_items(list, asked, &count);

	link->history = 0;
	for (size_t i = count; i-- > 0;)
		told += concord_call_tell_late(peer, items[i], sink);
	free(items);
	sink->history(sink, told, list.type == JSON_ARRAY && count < asked);
}

/* Asks for the names of all who are not known. Is there one that may still come? */
static bool awaits(struct call_peer *peer, struct json_value list, struct call_sink *sink)
{
	const struct concord_link *link = peer->state;
	struct json_value item;
	size_t cursor = 0, count = 0;
	bool waits = false;

	while (count++ < link->history && json_item(list, &cursor, &item))
		waits |= concord_call_awaits(peer, item, sink);
	return waits;
}

void concord_call_history_drop(struct concord_link *link)
{
	free(link->late);
	link->late = NULL;
	link->late_len = 0;
}

void concord_call_history(struct call_peer *peer, const struct call_result *result,
			  struct call_sink *sink)
{
	struct concord_link *link = peer->state;
	struct json_value list = { .type = JSON_ABSENT };

	if (result->status == 200 &&
	    json_read_value(result->body, peer->json_depth, &list) != JSON_OK)
		list.type = JSON_ABSENT;
	concord_call_history_drop(link);
	if (list.type != JSON_ARRAY || list.source.len > LATE_BYTES || !awaits(peer, list, sink)) {
		tell(peer, list, sink);
		return;
	}
	link->late = memory_text(list.source.data, list.source.len);
	link->late_len = list.source.len;
	link->late_since_ms = peer->now_ms;
}

void concord_call_history_named(struct call_peer *peer, struct call_sink *sink)
{
	struct concord_link *link = peer->state;
	struct json_value list = { .type = JSON_ARRAY };
	char *scratch = peer->scratch;

	if (!link->late)
		return;
	list.source = slice_span(link->late, link->late_len);
	peer->scratch = memory_new(link->late_len + SCRATCH_SPARE);
	if (peer->now_ms - link->late_since_ms >= FOLK_WAIT_MS || !awaits(peer, list, sink)) {
		tell(peer, list, sink);
		concord_call_history_drop(link);
	}
	free(peer->scratch);
	peer->scratch = scratch;
}
