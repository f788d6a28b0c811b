/* registry.h - the list of dialects. Adding a dialect is adding a codec and a line here. */
#ifndef CODECS_REGISTRY_H
#define CODECS_REGISTRY_H

#include <stddef.h>

#include "codecs/codec.h"
#include "codecs/text/slice.h"

/* A dialect's index is its place in the list, stable for the process. */
enum dialect { DIALECT_MIXER, DIALECT_CONCORD, DIALECT_ROOMS, DIALECT_SIMPLE, DIALECTS };

extern const struct codec codec_mixer, codec_concord, codec_rooms, codec_simple;

/* The codec at index, 0 .. DIALECTS-1. */
const struct codec *registry_codec(size_t index);

/* The index of the dialect of that name, or DIALECTS. */
size_t registry_find(struct slice name);

#endif
