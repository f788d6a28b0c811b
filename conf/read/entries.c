#include "conf/read/entries.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/table/owned.h"

void entries_init(struct entries *entries, size_t capacity, bool folded)
{
	*entries = (struct entries){ .list = owned_zeroed(capacity, sizeof(struct entry)),
				     .folded = folded };
}

void entries_clear(struct entries *entries)
{
	free(entries->list);
	*entries = (struct entries){ 0 };
}

void entries_add_text(struct entries *entries, const char *text, size_t index)
{
	if (text && *text)
		entries->list[entries->count++] =
		    (struct entry){ .text = text, .folded = entries->folded, .index = index };
}

void entries_add_number(struct entries *entries, int64_t number, size_t index)
{
	if (number)
		entries->list[entries->count++] =
		    (struct entry){ .number = number, .index = index };
}

static int compare_keys(const struct entry *a, const struct entry *b)
{
	if (a->text)
		return a->folded ? strcasecmp(a->text, b->text) : strcmp(a->text, b->text);
	return (a->number > b->number) - (a->number < b->number);
}

static int compare(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = compare_keys(a, b);

	return order ? order : (a->index > b->index) - (a->index < b->index);
}

void entries_sort(struct entries *entries)
{
	if (entries->count > 1)
		qsort(entries->list, entries->count, sizeof(struct entry), compare);
}

bool entries_repeated(const struct entries *entries, size_t i, size_t *first)
{
	size_t at = i;

	while (at > 0 && compare_keys(&entries->list[at - 1], &entries->list[i]) == 0)
		at--;
	*first = entries->list[at].index;
	return at < i;
}

static int compare_find(const void *key, const void *item)
{
	return compare_keys(key, item);
}

bool entries_have(const struct entries *entries, const char *text)
{
	struct entry key = { .text = text, .folded = entries->folded };

	return entries->unsure ||
	       (entries->count && bsearch(&key, entries->list, entries->count, sizeof(struct entry),
					  compare_find) != NULL);
}

struct prefix {
	const char *text;
	size_t len;
};

static int compare_prefix(const void *key, const void *item)
{
	const struct prefix *prefix = key;

	return strncmp(prefix->text, ((const struct entry *)item)->text, prefix->len);
}

bool entries_have_prefix(const struct entries *entries, const char *text, size_t len)
{
	struct prefix key = { text, len };

	return entries->unsure ||
	       (entries->count && bsearch(&key, entries->list, entries->count, sizeof(struct entry),
					  compare_prefix) != NULL);
}
