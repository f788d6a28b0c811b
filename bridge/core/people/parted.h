/* parted.h - the numbers of guests who left, kept for a while: who comes back with the same name
 * and secret gets theirs again. For directory.c, under its lock. */
#ifndef BRIDGE_CORE_PEOPLE_PARTED_H
#define BRIDGE_CORE_PEOPLE_PARTED_H

#include <stdbool.h>
#include <stdint.h>

/* Then the one who left first is forgotten for each who leaves. */
#define PARTED_MAX 65536

struct parted;

/* Returns new. */
struct parted *parted_new(void);
void parted_free(struct parted *parted);

/* A guest has left; guest is a keyed hash of name and secret. Kept until keep_ms from now_ms (a
 * steady clock). 0: not at all. */
void parted_keep(struct parted *parted, uint64_t guest, uint32_t number, uint64_t now_ms,
		 uint64_t keep_ms);

/* The number of a guest who is back; 0: none is kept (any more). It is free afterwards. */
uint32_t parted_take(struct parted *parted, uint64_t guest, uint64_t now_ms);

/* Is a number kept for a guest? */
bool parted_has(struct parted *parted, uint32_t number, uint64_t now_ms);

#endif
