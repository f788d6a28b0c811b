/* registry.h - the list of dialects: those built in, and what a test or a plug-in adds. */
#ifndef CODECS_REGISTRY_H
#define CODECS_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/codec.h"
#include "codecs/text/slice.h"

#define DIALECTS_MAX 8

extern const struct codec codec_mixer, codec_concord, codec_rooms, codec_simple;

/* How many there are. A dialect's index, 0 .. registry_count()-1, is its place in the list, stable
 * for the process. */
static inline size_t registry_count(void)
{
	extern size_t registry_size; /* written by registry_add() only */

	return registry_size;
}

/* Adds a codec (borrowed for the process). Called before any bridge is made and any configuration
 * read, while there is one thread. False: there are DIALECTS_MAX already, or one has the name, or
 * the directive of its naming. */
bool registry_add(const struct codec *codec) __attribute__((warn_unused_result));

/* The codec at index, below registry_count(). */
const struct codec *registry_codec(size_t index);

/* The index of the dialect of that name, or DIALECTS_MAX. */
size_t registry_find(struct slice name);

#endif
