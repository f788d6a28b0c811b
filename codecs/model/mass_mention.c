#include "codecs/model/mass_mention.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define SEARCHED 256 /* bytes */

/* Some servers find the first three wherever they stand; the others begin names, too ("@allan"). */
static const struct {
	const char *word;
	bool whole;
} words[] = {
	{ "everyone", false }, { "here", false }, { "channel", false },
	{ "all", true },       { "room", true },
};

static bool goes_on(struct slice text, size_t at)
{
	unsigned char byte = at < text.len ? (unsigned char)text.data[at] : ' ';

	return byte >= 0x80 || byte == '_' || (byte >= '0' && byte <= '9') ||
	       ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

static bool calls_everybody(struct slice text, size_t at)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i].word);

		if (text.len - at >= len && strncasecmp(text.data + at, words[i].word, len) == 0 &&
		    !(words[i].whole && goes_on(text, at + len)))
			return true;
	}
	return false;
}

/* The next '@' or '<'. So far only at a time: else many of the one would have the other searched
 * for to the end again and again. */
static size_t next_sign(struct slice text, size_t at)
{
	while (at < text.len) {
		size_t len = text.len - at < SEARCHED ? text.len - at : SEARCHED;
		const char *from = text.data + at, *sign = memchr(from, '@', len);
		const char *angle = memchr(from, '<', sign ? (size_t)(sign - from) : len);

		if (angle || sign)
			return (size_t)((angle ? angle : sign) - text.data);
		at += len;
	}
	return text.len;
}

size_t mass_mention_next(struct slice text, size_t at)
{
	for (at = next_sign(text, at); at < text.len; at = next_sign(text, at + 1)) {
		size_t behind = text.data[at] == '@' ? 1 : 2;

		if (text.data[at] != '@' && !(at + 1 < text.len && text.data[at + 1] == '!'))
			continue;
		if (calls_everybody(text, at + behind))
			return at + behind;
	}
	return text.len;
}
