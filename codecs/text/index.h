/* index.h - finds things by a number of 64 bits. A table of pointers to them, which takes 11 to 21
 * bytes for each; the numbers stay in the things, which need no field for it. One thread at a time.
 */
#ifndef CODECS_TEXT_INDEX_H
#define CODECS_TEXT_INDEX_H

#include <stddef.h>
#include <stdint.h>

/* Ready for use with key_of alone. Borrows the things; whoever changes one's key takes it out
 * before. */
struct index {
	uint64_t (*key_of)(const void *thing);
	uint64_t salt; /* which no client can guess, where clients choose keys; else 0 */
	void **slots;  /* NULL: nothing there */
	unsigned bits; /* of the number of slots; no table yet: 0 */
	uint32_t count;
};

/* Frees the table; it is empty then. */
void index_clear(struct index *index);

/* Several may have the same key. */
void index_add(struct index *index, void *thing);

/* Takes out a thing that is there. */
void index_remove(struct index *index, const void *thing);

/* One that has the key, or NULL. */
void *index_find(const struct index *index, uint64_t key);

/* All of them one by one, in no order: *place is 0 at first. NULL: that was the last. Nothing is
 * added or taken out meanwhile. */
void *index_next(const struct index *index, size_t *place);

#endif
