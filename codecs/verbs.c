#include "codecs/verbs.h"

const struct verb *verb_find(const struct verb *table, size_t count, struct slice name)
{
	for (size_t i = 0; i < count; i++)
		if (slice_is(name, table[i].name))
			return &table[i];
	return NULL;
}
