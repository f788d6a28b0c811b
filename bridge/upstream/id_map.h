/* id_map.h - what a server that we call calls its messages, and what they are here: the newest of
 * an upstream, both ways, exactly. What was said by us in several parts has several names there.
 *
 * With a store they last: what is put is stored behind the message itself, and read back at start.
 * Bounded: beyond its size the oldest go, one for each that is put.
 *
 * One thread at a time: that of the room that the upstream is linked to. */
#ifndef BRIDGE_UPSTREAM_ID_MAP_H
#define BRIDGE_UPSTREAM_ID_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/calls.h"
#include "codecs/text/slice.h"

struct id_map;

#define ID_MAP_PARTS_MAX 64 /* names of one message */

/* For at most so many names, 1 or more. Returns new, empty. */
struct id_map *id_map_new(size_t most);
void id_map_free(struct id_map *map); /* NULL is ignored */

/* A name there (copied) is that message of ours from now on, whatever it was before. A message of
 * ours may have more names: they stand in the order they were put; one that is put again for the
 * same message keeps its place there, and is the newest of all. False, and all is as it was: it is
 * empty or has more than FOREIGN_ID_MAX bytes, ours is 0, or has ID_MAP_PARTS_MAX names. */
bool id_map_put(struct id_map *map, struct slice theirs, uint64_t ours);

/* 0: not known (any more). */
uint64_t id_map_ours(const struct id_map *map, struct slice theirs);

/* All names of ours, in order, at most most: how many. Borrowed until the map changes. */
size_t id_map_theirs(const struct id_map *map, uint64_t ours, struct slice *out, size_t most);

size_t id_map_count(const struct id_map *map);

#endif
