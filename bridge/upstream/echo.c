#include "bridge/upstream/echo.h"

#include <string.h>

#include "bridge/upstream/id_map.h"
#include "bridge/upstream/link/link.h"
#include "bridge/upstream/speaking.h"

/* ---- what is no message ---- */

static uint64_t key_of(enum envelope_kind kind, struct slice target, struct slice text)
{
	uint64_t key = slice_fnv(target) * 31 + (uint64_t)kind + 1;

	return kind == KIND_EDIT ? key ^ slice_fnv(text) : key;
}

static bool has_key(enum envelope_kind kind)
{
	return kind == KIND_EDIT || kind == KIND_DELETE;
}

void echo_expect(struct link *link, const struct saying_item *item)
{
	struct echoes *echoes = &link->upstream->echoes;
	enum envelope_kind kind = item->saying->event->kind;

	if (has_key(kind))
		echoes->keys[echoes->next++ % ECHOES_KEPT] =
		    key_of(kind, slice_of(item->target), item->text);
}

static bool was_expected(struct upstream *upstream, const struct call_heard *heard)
{
	struct echoes *echoes = &upstream->echoes;
	uint64_t key;

	if (!has_key(heard->event.kind))
		return false;
	key = key_of(heard->event.kind, heard->target, heard->event.text);
	for (unsigned i = 0; i < ECHOES_KEPT; i++) {
		if (echoes->keys[i] != key)
			continue;
		echoes->keys[i] = 0;
		return true;
	}
	return false;
}

/* ---- messages that were given up ---- */

void echo_lost(struct link *link, const struct saying_item *item)
{
	struct echoes *echoes = &link->upstream->echoes;
	unsigned place = echoes->next_lost % ECHOES_KEPT;

	if (!item->saying->origin || item->saying->event->kind != KIND_MESSAGE)
		return;
	echoes->lost[place].key = slice_fnv(item->text);
	echoes->lost[place].ours = item->saying->origin->id;
	echoes->next_lost++;
}

/* It was there after all: from now on it has its name. */
static bool was_lost(struct upstream *upstream, const struct call_heard *heard)
{
	uint64_t key = slice_fnv(heard->event.text);

	for (unsigned i = 0; i < ECHOES_KEPT; i++) {
		uint64_t ours = upstream->echoes.lost[i].ours;

		if (!ours || upstream->echoes.lost[i].key != key)
			continue;
		upstream->echoes.lost[i].ours = 0;
		if (heard->id.len)
			speaking_map(upstream, heard->id, ours);
		return true;
	}
	return false;
}

/* ---- items ---- */

static bool has_name(const struct saying *saying, struct slice id)
{
	size_t i = 0;

	while (i < saying->name_count && !slice_equal(slice_of(saying->names[i]), id))
		i++;
	return i < saying->name_count;
}

/* What the server has taken, and calls so: *known. Of something in several parts all names are
 * together, and others of them may still wait to be said. */
static struct saying_item *named(const struct sayings *sayings, struct slice id, bool *known)
{
	struct saying_item *item;

	*known = false;
	for (item = sayings->first; item && id.len; item = item->next) {
		if (!has_name(item->saying, id))
			continue;
		*known = true;
		if (item->settled_ms)
			return item;
	}
	return NULL;
}

/* Takes item: the server has told everybody. */
static void settle(struct link *link, struct saying_item *item, struct slice id)
{
	if (id.len && item->saying->event->kind == KIND_MESSAGE)
		saying_name(item->saying, id);
	link_finish(link, item, REASON_NONE, (struct slice){ NULL, 0 }, false);
}

/* Whose message it may be: of our links, from that one on, the next with that account, which
 * several may share. One that is down has sent something before, which another may hear of first.
 */
static struct link *link_of(struct link *link, struct slice id)
{
	while (link && id.len && !slice_equal(link->peer.self.id, id) &&
	       !slice_equal(slice_of(link->alias), id))
		link = link->next;
	return id.len ? link : NULL;
}

/* What one of these links waits for: *link is which. *known: as of named(); where it is known
 * before, it is no other one with the same text. */
static struct saying_item *item_of(struct link **link, const struct call_heard *heard, bool *known)
{
	struct link *first = *link;
	struct slice nothing = { NULL, 0 };
	struct saying_item *item;

	for (; *link; *link = link_of((*link)->next, heard->author.id)) {
		bool here;

		item = named(&(*link)->sayings, heard->id, &here);
		*known |= here;
		if (item || here)
			return item;
	}
	for (*link = *known ? NULL : first; *link;
	     *link = link_of((*link)->next, heard->author.id)) {
		item = sayings_echo(&(*link)->sayings, KIND_MESSAGE, heard->event.text, nothing);
		if (item)
			return item;
	}
	return NULL;
}

static bool message_heard(struct upstream *upstream, const struct call_heard *heard)
{
	struct link *link = link_of(upstream->links, heard->author.id);
	struct saying_item *item;
	bool known = heard->id.len && id_map_ours(upstream->ids, heard->id);

	if (!link)
		return false;
	item = item_of(&link, heard, &known);
	if (item) {
		settle(link, item, heard->id);
		return true;
	}
	return known || was_lost(upstream, heard);
}

static bool deed_heard(struct upstream *upstream, const struct call_heard *heard)
{
	for (struct link *link = upstream->links; link; link = link->next) {
		struct saying_item *item = sayings_echo(&link->sayings, heard->event.kind,
							heard->event.text, heard->target);

		if (!item)
			continue;
		(void)was_expected(upstream, heard);
		settle(link, item, (struct slice){ NULL, 0 });
		return true;
	}
	return was_expected(upstream, heard);
}

bool echo_heard(struct link *link, const struct call_heard *heard)
{
	switch (heard->event.kind) {
	case KIND_MESSAGE: return message_heard(link->upstream, heard);
	case KIND_EDIT:
	case KIND_DELETE: return deed_heard(link->upstream, heard);
	case KIND_TYPING:
	case KIND_READ: return link_of(link->upstream->links, heard->author.id) != NULL;
	default: return false;
	}
}
