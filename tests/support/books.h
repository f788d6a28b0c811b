/* books.h - what tests read out of ids and counters, which the product has no need to. */
#ifndef TESTS_SUPPORT_BOOKS_H
#define TESTS_SUPPORT_BOOKS_H

#include <stdint.h>

#include "codecs/model/identity.h"
#include "routes/deliver/outcome.h"

/* Of what came in, what has no outcome yet. */
static inline uint64_t intake_waiting(const struct intake *intake)
{
	uint64_t left = intake->accepted - intake->ordered - intake->unchanged - intake->routed -
			intake->dropped;

	for (size_t r = 0; r < REASONS; r++)
		left -= intake->refused[r];
	return left;
}

#endif
