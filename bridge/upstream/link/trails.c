#include "bridge/upstream/link/trails.h"

#include <string.h>

#include "codecs/model/trail.h"

static struct slice here(const struct link *link)
{
	return slice_span(link->upstream->bridge->instance, UUID_TEXT_LEN);
}

static struct slice there(const struct link *link)
{
	return slice_of(link->instance);
}

void link_trail_meet(struct link *link, struct slice instance)
{
	unsigned char uuid[16];

	memset(link->instance, 0, sizeof(link->instance));
	if (uuid_parse(instance, uuid))
		uuid_print(uuid, link->instance);
}

/* ---- heard ---- */

struct slice link_trail_heard(const struct link *link, struct slice trail, char *out)
{
	if (!link->instance[0])
		return (struct slice){ NULL, 0 };
	if (trail.len)
		return trail;
	return trail_onward(trail, there(link), &link->upstream->bridge->key, 0, out);
}

bool link_trail_came_back(const struct link *link, struct slice trail)
{
	return link->instance[0] && trail_has(trail, here(link));
}

/* ---- said ---- */

/* As the room has it; or the draft. */
static const struct envelope *event_of(const struct saying_item *item)
{
	const struct saying *saying = item->saying;

	if (saying->draft)
		return saying->draft->event;
	return saying->origin ? saying->origin : saying->event;
}

bool link_trail_comes_back(const struct link *link, const struct saying_item *item)
{
	return link->instance[0] && trail_has(event_of(item)->origin.trail, there(link));
}

bool link_trail_is_full(const struct link *link, const struct saying_item *item)
{
	return link->instance[0] && trail_is_full(event_of(item)->origin.trail);
}

void link_trail_put(const struct link *link, const struct saying_item *item,
		    struct json_writer *words)
{
	const struct envelope *event = event_of(item);
	char out[TRAIL_MAX];
	struct slice trail;

	if (!link->instance[0] || !words->len || words->data[words->len - 1] != '}')
		return;
	trail = trail_onward(event->origin.trail, here(link), &link->upstream->bridge->key,
			     event->id, out);
	if (item->part && trail.len && !trail_part(&trail, item->part, out))
		return;
	if (trail.len)
		trail_put(words, trail);
}

/* It has no id yet: a number that no id can be. */
struct envelope *link_trail_begin(const struct link *link, struct envelope *draft)
{
	struct upstream *upstream = link->upstream;
	struct envelope event = *draft, *sealed;
	uint64_t number[2] = { upstream->worker->now_ms, upstream_serial(upstream) };
	char out[TRAIL_MAX];

	if (draft->origin.trail.len)
		return draft;
	number[0] = keyed_hash(&upstream->bridge->key, number, sizeof(number)) | (NUMBER_MAX + 1);
	event.origin.trail = trail_new(here(link), &upstream->bridge->key, number[0], out);
	sealed = envelope_seal(&event);
	envelope_release(draft);
	return sealed;
}
