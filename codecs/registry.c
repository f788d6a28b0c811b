#include "codecs/registry.h"

static const struct codec *const codecs[DIALECTS] = {
	[DIALECT_MIXER] = &codec_mixer,
	[DIALECT_CONCORD] = &codec_concord,
	[DIALECT_ROOMS] = &codec_rooms,
	[DIALECT_SIMPLE] = &codec_simple,
};

const struct codec *registry_codec(size_t index)
{
	return codecs[index];
}

size_t registry_find(struct slice name)
{
	size_t index = 0;

	while (index < DIALECTS && !slice_is(name, codecs[index]->name))
		index++;
	return index;
}
