#include "bridge/net/read_buffers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "codecs/text/memory.h"

/* Beyond this many files the library's own table is the greater trouble. */
#define COUNT_MAX (UINT32_C(1) << 20)

static struct {
	pthread_mutex_t lock;
	bool opened;
	/* 0: not opened, or the system gives no such room. Read without the lock, as memory of
	 * other kinds comes by, too; count does not change after it. */
	atomic_uintptr_t base;
	uint32_t count;
	uint32_t used;  /* the first ones that were ever taken */
	uint32_t *idle; /* those that came back */
	uint32_t idle_count;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void pool_open(void)
{
	struct rlimit files;
	void *base;

	pool.opened = true;
	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	pool.count = files.rlim_cur < COUNT_MAX ? (uint32_t)files.rlim_cur : COUNT_MAX;
	base = mmap(NULL, (size_t)pool.count * READ_BUFFER_MAX, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return;
	/* One touched page must not bring fifty buffers with it. */
	madvise(base, (size_t)pool.count * READ_BUFFER_MAX, MADV_NOHUGEPAGE);
	pool.idle = memory_new(pool.count * sizeof(*pool.idle));
	atomic_store(&pool.base, (uintptr_t)base);
}

static void *buffer_at(uint32_t place)
{
	return (void *)(atomic_load(&pool.base) + (uintptr_t)place * READ_BUFFER_MAX);
}

void *read_buffer_take(size_t size)
{
	void *buffer = NULL;

	if (size > READ_BUFFER_MAX)
		return NULL;
	pthread_mutex_lock(&pool.lock);
	if (!pool.opened)
		pool_open();
	if (pool.idle_count > 0)
		buffer = buffer_at(pool.idle[--pool.idle_count]);
	else if (atomic_load(&pool.base) && pool.used < pool.count)
		buffer = buffer_at(pool.used++);
	pthread_mutex_unlock(&pool.lock);
	return buffer;
}

bool read_buffer_give(void *buffer)
{
	uintptr_t at = (uintptr_t)buffer, base = atomic_load(&pool.base);

	if (!base || at < base || at - base >= (uintptr_t)pool.count * READ_BUFFER_MAX)
		return false;
	madvise(buffer, READ_BUFFER_MAX, MADV_DONTNEED);
	pthread_mutex_lock(&pool.lock);
	pool.idle[pool.idle_count++] = (uint32_t)((at - base) / READ_BUFFER_MAX);
	pthread_mutex_unlock(&pool.lock);
	return true;
}
