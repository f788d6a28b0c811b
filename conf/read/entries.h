/* entries.h - keys of a list in order: finds duplicates and answers look-ups. */
#ifndef CONF_READ_ENTRIES_H
#define CONF_READ_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Compared by text, capitals of ASCII counting as small letters when folded, or by number. */
struct entry {
	const char *text; /* NULL: by number. Borrowed */
	int64_t number;
	bool folded;
	size_t index; /* in the list of the configuration */
};

/* Room for `capacity` entries; .count is the caller's to raise. */
struct entries {
	struct entry *list;
	size_t count;
	bool folded;
	bool unsure; /* some may be missing: whatever is looked up is there */
};

void entries_init(struct entries *entries, size_t capacity, bool folded);
void entries_clear(struct entries *entries);

/* Empty text and number 0 are left out: they stand for nothing. */
void entries_add_text(struct entries *entries, const char *text, size_t index);
void entries_add_number(struct entries *entries, int64_t number, size_t index);

/* After the last addition, before what is below. */
void entries_sort(struct entries *entries);

/* If the i-th entry in order is the same as one of a smaller index: true, and the first of
 * those in *first. */
bool entries_repeated(const struct entries *entries, size_t i, size_t *first);

/* Always true when they are unsure. */
bool entries_have(const struct entries *entries, const char *text);

/* Does an entry begin with the first len bytes of text? Not for folded entries. */
bool entries_have_prefix(const struct entries *entries, const char *text, size_t len);

#endif
