#include "codecs/words.h"

#include <stddef.h>

bool words_have(const char *const *list, struct slice word)
{
	for (; list && *list; list++)
		if (slice_is(word, *list))
			return true;
	return false;
}

const struct codec_method *words_method(const struct codec_words *words, struct slice name)
{
	const struct codec_method *method = words->methods;

	for (; method && method->name; method++)
		if (slice_is(name, method->name))
			return method;
	return NULL;
}
