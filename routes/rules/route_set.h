/* route_set.h - sets of rules as rows of bits, one for each rule in the table's order. All rows
 * of a table have the same number of words. */
#ifndef ROUTES_RULES_ROUTE_SET_H
#define ROUTES_RULES_ROUTE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROUTE_SET_BITS 64

static inline size_t route_set_words(size_t rules)
{
	return (rules + ROUTE_SET_BITS - 1) / ROUTE_SET_BITS;
}

static inline void route_set_add(uint64_t *row, size_t rule)
{
	row[rule / ROUTE_SET_BITS] |= UINT64_C(1) << rule % ROUTE_SET_BITS;
}

static inline bool route_set_has(const uint64_t *row, size_t rule)
{
	return row[rule / ROUTE_SET_BITS] >> rule % ROUTE_SET_BITS & 1;
}

/* Takes the lowest rule out of a word that is not zero. Returns its place in the word. */
static inline size_t route_set_take(uint64_t *word)
{
	size_t place = (size_t)__builtin_ctzll(*word);

	*word &= *word - 1;
	return place;
}

#endif
