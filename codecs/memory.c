#include "codecs/memory.h"

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
