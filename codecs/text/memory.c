#include "codecs/text/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *memory_checked(void *block)
{
	if (!block) {
		fputs("dragoman: out of memory\n", stderr);
		abort();
	}
	return block;
}

void *memory_new(size_t size)
{
	return memory_checked(malloc(size ? size : 1));
}

/* glibc's calloc() goes past the thread's own store of small blocks. */
#define SMALL_BLOCK 1024

void *memory_zeroed(size_t count, size_t size)
{
	if (count == 1 && size <= SMALL_BLOCK)
		return memset(memory_new(size), 0, size);
	return memory_checked(calloc(count ? count : 1, size ? size : 1));
}

void *memory_resize(void *old, size_t size)
{
	return memory_checked(realloc(old, size ? size : 1));
}

char *memory_text(const char *text, size_t len)
{
	char *copy = memory_new(len + 1);

	if (len)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

/* ---- blocks that come and go with every message ---- */

#define STEP       64 /* sizes differ by as much */
#define SIZES      (MEMORY_KEPT_MAX / STEP)
#define KEPT_BYTES 65536 /* of each size */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool keeps = false;
#else
static const bool keeps = true;
#endif

struct kept {
	struct kept *next;
};

static __thread struct {
	struct kept *first;
	unsigned count;
} kept[SIZES + 1]; /* by the number of steps; the first stays empty */

static size_t steps_of(size_t size)
{
	return size ? (size + STEP - 1) / STEP : 1;
}

size_t memory_fit(size_t size)
{
	if (keeps && size <= MEMORY_KEPT_MAX)
		return steps_of(size) * STEP;
	return size > 0 ? size : 1;
}

void *memory_take(size_t size)
{
	size_t steps = steps_of(size);
	struct kept *block;

	if (size > MEMORY_KEPT_MAX || !kept[steps].first)
		return memory_new(memory_fit(size));
	block = kept[steps].first;
	kept[steps].first = block->next;
	kept[steps].count--;
	return block;
}

void *memory_take_zeroed(size_t size)
{
	return memset(memory_take(size), 0, size);
}

void memory_give(void *block, size_t size)
{
	size_t steps = steps_of(size);
	struct kept *own = block;

	if (!keeps || !block || size > MEMORY_KEPT_MAX ||
	    kept[steps].count * steps * STEP >= KEPT_BYTES) {
		free(block);
		return;
	}
	own->next = kept[steps].first;
	kept[steps].first = own;
	kept[steps].count++;
}
