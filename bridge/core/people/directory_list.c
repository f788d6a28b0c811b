#include <stdlib.h>
#include <string.h>

#include "bridge/core/directory.h"
#include "codecs/text/memory.h"

/* Whom nobody can be, or whom only a backend can. */
static bool is_listed(const struct user_record *record, struct slice prefix, bool speakers)
{
	char folded[NAME_FOLDED_MAX];
	size_t len;

	if (record->number == BRIDGE_NUMBER ||
	    (!speakers && record->account && !record->configured && record->connections == 0))
		return false;
	if (prefix.len == 0)
		return true;
	len = name_fold(slice_span(record->name, record->name_len), folded);
	return len >= prefix.len && memcmp(folded, prefix.data, prefix.len) == 0;
}

static int by_number(const void *left, const void *right)
{
	const struct user_record *const *a = left, *const *b = right;

	return ((*a)->number > (*b)->number) - ((*a)->number < (*b)->number);
}

static struct directory_listed *copy(const struct people *people, struct user_record **from,
				     size_t count)
{
	struct directory_listed *list =
	    memory_new(count * (sizeof(*list) + NAME_BYTES_MAX) + sizeof(*list));
	char *names = (char *)(list + count);

	for (size_t i = 0; i < count; i++) {
		const struct user_record *record = from[i];

		list[i] = (struct directory_listed){ .account = record->account,
						     .online = record->online };
		list[i].person = (struct person){ .number = record->number,
						  .roles = record->roles,
						  .name = slice_span(names, record->name_len) };
		identity_uuid(people->key, ID_PERSON, record->number, 0, list[i].person.uuid);
		memcpy(names, record->name, record->name_len);
		names += record->name_len;
	}
	return list;
}

struct directory_listed *directory_list(struct directory *directory, struct slice prefix,
					bool speakers, size_t skip, size_t max, size_t *count,
					size_t *total)
{
	const struct people *people = &directory->people;
	struct directory_listed *list;
	struct user_record **found, *record;
	size_t place = 0;

	*total = 0;
	pthread_mutex_lock(&directory->lock);
	found = memory_new((people->numbers.count + 1) * sizeof(struct user_record *));
	while ((record = index_next(&people->numbers, &place)))
		if (is_listed(record, prefix, speakers))
			found[(*total)++] = record;
	qsort(found, *total, sizeof(struct user_record *), by_number);
	skip = skip < *total ? skip : *total;
	*count = *total - skip < max ? *total - skip : max;
	list = copy(people, found + skip, *count);
	pthread_mutex_unlock(&directory->lock);
	free(found);
	return list;
}
