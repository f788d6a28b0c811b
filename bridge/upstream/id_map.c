#include "bridge/upstream/id_map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "codecs/model/identity.h"
#include "codecs/text/hash.h"
#include "codecs/text/memory.h"

struct message;

/* What they call a message. */
struct name {
	struct message *message;
	struct name *before, *behind; /* of the same message */
	UT_hash_handle hh;            /* in the order they were put: the oldest is first */
	size_t len;
	char text[];
};

/* One of ours that has a name there. */
struct message {
	uint64_t ours;
	struct name *first, *last;
	size_t count;
	UT_hash_handle hh;
};

struct id_map {
	struct id_key key; /* the texts are chosen by others, who must not choose their places */
	size_t most;
	struct name *names;
	struct message *messages;
};

struct id_map *id_map_new(size_t most)
{
	struct id_map *map = memory_zeroed(1, sizeof(*map));

	/* So few bytes are always there once the kernel has any. */
	if (getrandom(map->key.bytes, sizeof(map->key.bytes), 0) != sizeof(map->key.bytes))
		abort();
	map->most = most;
	return map;
}

/* ---- names and messages ---- */

static struct name *name_find(const struct id_map *map, struct slice theirs)
{
	unsigned hash = (unsigned)keyed_hash(&map->key, theirs.data, theirs.len);
	struct name *name;

	HASH_FIND_BYHASHVALUE(hh, map->names, theirs.data, (unsigned)theirs.len, hash, name);
	return name;
}

static struct message *message_find(const struct id_map *map, uint64_t ours)
{
	struct message *message;

	HASH_FIND(hh, map->messages, &ours, sizeof(ours), message);
	return message;
}

static struct message *message_get(struct id_map *map, uint64_t ours)
{
	struct message *message = message_find(map, ours);

	if (message)
		return message;
	message = memory_zeroed(1, sizeof(*message));
	message->ours = ours;
	HASH_ADD(hh, map->messages, ours, sizeof(message->ours), message);
	return message;
}

static void name_link(struct name *name, struct message *message)
{
	name->message = message;
	name->before = message->last;
	name->behind = NULL;
	*(message->last ? &message->last->behind : &message->first) = name;
	message->last = name;
	message->count++;
}

static void name_unlink(struct id_map *map, struct name *name)
{
	struct message *message = name->message;

	*(name->before ? &name->before->behind : &message->first) = name->behind;
	*(name->behind ? &name->behind->before : &message->last) = name->before;
	if (--message->count)
		return;
	HASH_DEL(map->messages, message);
	free(message);
}

static void name_free(struct id_map *map, struct name *name)
{
	name_unlink(map, name);
	HASH_DEL(map->names, name);
	free(name);
}

void id_map_free(struct id_map *map)
{
	while (map && map->names)
		name_free(map, map->names);
	free(map);
}

/* ---- what is put ---- */

static void name_add(struct id_map *map, struct slice theirs, uint64_t ours)
{
	struct name *name = memory_new(sizeof(*name) + theirs.len);
	unsigned hash = (unsigned)keyed_hash(&map->key, theirs.data, theirs.len);

	name->len = theirs.len;
	memcpy(name->text, theirs.data, theirs.len);
	name_link(name, message_get(map, ours));
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, map->names, name->text, (unsigned)name->len, hash, name);
}

/* It is the newest then, but stays where it is among the names of its message. */
static void name_renew(struct id_map *map, struct name *name)
{
	unsigned hash = name->hh.hashv;

	HASH_DEL(map->names, name);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, map->names, name->text, (unsigned)name->len, hash, name);
}

bool id_map_put(struct id_map *map, struct slice theirs, uint64_t ours)
{
	const struct message *message = message_find(map, ours);
	struct name *known;

	if (ours == 0 || theirs.len == 0 || theirs.len > FOREIGN_ID_MAX)
		return false;
	known = name_find(map, theirs);
	if (known && known->message == message) {
		name_renew(map, known);
		return true;
	}
	if (message && message->count >= ID_MAP_PARTS_MAX)
		return false;
	if (known)
		name_free(map, known);
	name_add(map, theirs, ours);
	if (id_map_count(map) > map->most)
		name_free(map, map->names);
	return true;
}

/* ---- what is known ---- */

uint64_t id_map_ours(const struct id_map *map, struct slice theirs)
{
	const struct name *name =
	    theirs.len && theirs.len <= FOREIGN_ID_MAX ? name_find(map, theirs) : NULL;

	return name ? name->message->ours : 0;
}

size_t id_map_theirs(const struct id_map *map, uint64_t ours, struct slice *out, size_t most)
{
	const struct message *message = message_find(map, ours);
	const struct name *name = message ? message->first : NULL;
	size_t count = 0;

	for (; name && count < most; name = name->behind)
		out[count++] = slice_span(name->text, name->len);
	return count;
}

size_t id_map_count(const struct id_map *map)
{
	return HASH_COUNT(map->names);
}
