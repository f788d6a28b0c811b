/* steady.h - a clock that never steps back. Any thread. */
#ifndef BRIDGE_STORE_STEADY_H
#define BRIDGE_STORE_STEADY_H

#include <stdint.h>
#include <time.h>

static inline uint64_t steady_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static inline uint64_t steady_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

#endif
