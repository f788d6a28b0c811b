/* bytes.h - little-endian numbers, written and read one after the other. For this folder's files
 * only. A reader that ran out of bytes gives zeros, and says so in the end. */
#ifndef ROUTES_CHAIN_BYTES_H
#define ROUTES_CHAIN_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "codecs/text/slice.h"

struct reading {
	const unsigned char *at;
	size_t left;
	bool cut;
};

static inline struct reading reading_of(struct slice bytes)
{
	return (struct reading){ (const unsigned char *)bytes.data, bytes.len, false };
}

static inline void put(unsigned char **to, uint64_t number, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		*(*to)++ = (unsigned char)(number >> (8 * i));
}

static inline void put_bytes(unsigned char **to, struct slice bytes)
{
	if (bytes.len)
		memcpy(*to, bytes.data, bytes.len);
	*to += bytes.len;
}

static inline uint64_t get(struct reading *from, unsigned bytes)
{
	uint64_t number = 0;

	if (from->left < bytes) {
		from->cut = true;
		from->left = 0;
		return 0;
	}
	for (unsigned i = 0; i < bytes; i++)
		number |= (uint64_t)from->at[i] << (8 * i);
	from->at += bytes;
	from->left -= bytes;
	return number;
}

static inline struct slice get_bytes(struct reading *from, size_t len)
{
	struct slice bytes = { (const char *)from->at, len };

	if (from->left < len) {
		from->cut = true;
		from->left = 0;
		return (struct slice){ NULL, 0 };
	}
	from->at += len;
	from->left -= len;
	return bytes;
}

#endif
