#include "bridge/secrets/proven.h"

#include <stddef.h>
#include <string.h>
#include <sys/random.h>

bool proven_begin(struct proven *proven)
{
	return getrandom(proven->key, MARK_BYTES, 0) == MARK_BYTES;
}

static size_t place_of(const unsigned char mark[MARK_BYTES])
{
	return ((size_t)mark[0] | (size_t)mark[1] << 8) % PROVEN_COUNT;
}

bool proven_has(const struct proven *proven, const unsigned char mark[MARK_BYTES])
{
	return mark_equal(proven->marks[place_of(mark)], mark);
}

void proven_add(struct proven *proven, const unsigned char mark[MARK_BYTES])
{
	memcpy(proven->marks[place_of(mark)], mark, MARK_BYTES);
}

void proven_forget(struct proven *proven)
{
	explicit_bzero(proven->marks, sizeof(proven->marks));
}
