#include "bridge/net/tls_buffers.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LARGE_BYTES  12288            /* from here on a block is large, ... */
#define BUFFER_BYTES 24576            /* ... and up to here it fits: whole pages */
#define PLACE_BYTES  (2730 * 24576UL) /* 64 MiB; what does not fit in is the heap's */
#define AT_HAND_MAX  4                /* per thread, ready and in the processor's cache */

struct spare {
	struct spare *next;
};

static struct {
	unsigned char *place, *unused; /* what lies from unused on was never given out */
	struct spare *spares;
	pthread_mutex_t lock;
} buffers = { .lock = PTHREAD_MUTEX_INITIALIZER };

static __thread struct {
	void *at_hand[AT_HAND_MAX];
	unsigned count;
} own;

static bool is_buffer(const void *block)
{
	return (uintptr_t)block - (uintptr_t)buffers.place < PLACE_BYTES;
}

static void *buffer_take(void)
{
	struct spare *spare;

	if (own.count > 0)
		return own.at_hand[--own.count];
	pthread_mutex_lock(&buffers.lock);
	spare = buffers.spares;
	if (spare) {
		buffers.spares = spare->next;
	} else if (buffers.unused < buffers.place + PLACE_BYTES) {
		spare = (struct spare *)(void *)buffers.unused;
		buffers.unused += BUFFER_BYTES;
	}
	pthread_mutex_unlock(&buffers.lock);
	return spare;
}

/* What is not at hand goes back to the system but for its first page. */
static void buffer_give_back(void *block)
{
	struct spare *spare = block;

	if (own.count < AT_HAND_MAX) {
		own.at_hand[own.count++] = block;
		return;
	}
	madvise((char *)block + 4096, BUFFER_BYTES - 4096, MADV_DONTNEED);
	pthread_mutex_lock(&buffers.lock);
	spare->next = buffers.spares;
	buffers.spares = spare;
	pthread_mutex_unlock(&buffers.lock);
}

static void *block_new(size_t size, const char *file, int line)
{
	void *block = NULL;

	(void)file;
	(void)line;
	if (size >= LARGE_BYTES && size <= BUFFER_BYTES)
		block = buffer_take();
	return block ? block : malloc(size);
}

static void block_free(void *block, const char *file, int line)
{
	(void)file;
	(void)line;
	if (is_buffer(block))
		buffer_give_back(block);
	else
		free(block);
}

static void *block_resize(void *block, size_t size, const char *file, int line)
{
	void *larger;

	if (!is_buffer(block))
		return realloc(block, size);
	if (size > 0 && size <= BUFFER_BYTES)
		return block;
	larger = size > 0 ? malloc(size) : NULL;
	if (larger)
		memcpy(larger, block, BUFFER_BYTES);
	if (larger || size == 0)
		block_free(block, file, line);
	return larger;
}

void tls_buffers_use(void)
{
	void *place = mmap(NULL, PLACE_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (place == MAP_FAILED)
		return;
	buffers.place = buffers.unused = place;
	if (!CRYPTO_set_mem_functions(block_new, block_resize, block_free)) {
		munmap(place, PLACE_BYTES);
		buffers.place = buffers.unused = NULL;
	}
}
