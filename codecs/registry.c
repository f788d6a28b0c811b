#include "codecs/registry.h"

#include <string.h>

/* Written to before there are threads only. */
static const struct codec *codecs[DIALECTS_MAX] = { &codec_mixer, &codec_concord, &codec_rooms,
						    &codec_simple };
size_t registry_size = 4;

static bool directives_clash(const struct codec *a, const struct codec *b)
{
	return a->naming.directive && b->naming.directive &&
	       strcmp(a->naming.directive, b->naming.directive) == 0;
}

bool registry_add(const struct codec *codec)
{
	if (registry_size == DIALECTS_MAX || registry_find(slice_of(codec->name)) < DIALECTS_MAX)
		return false;
	for (size_t i = 0; i < registry_size; i++)
		if (directives_clash(codec, codecs[i]))
			return false;
	codecs[registry_size++] = codec;
	return true;
}

const struct codec *registry_codec(size_t index)
{
	return codecs[index];
}

size_t registry_find(struct slice name)
{
	for (size_t i = 0; i < registry_size; i++)
		if (slice_is(name, codecs[i]->name))
			return i;
	return DIALECTS_MAX;
}
