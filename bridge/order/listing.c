#include "bridge/order/listing.h"

#include <stdlib.h>

#include "bridge/core/directory.h"
#include "codecs/text/memory.h"
#include "routes/room/overview.h"

/* Their numbers; with room for those whom the rules name. */
struct numbers {
	uint32_t *each;
	size_t count;
};

static int number_order(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static void add_named(struct worker *worker, struct numbers *numbers, const struct slice *names,
		      size_t count)
{
	char name[NAME_BYTES_MAX];
	struct person who;

	numbers->each =
	    memory_resize(numbers->each, (numbers->count + count + 1) * sizeof(*numbers->each));
	for (size_t i = 0; i < count; i++)
		if (directory_find_name(worker->bridge->directory, names[i], &who, name))
			numbers->each[numbers->count++] = who.number;
}

/* Each once. */
static void sort(struct numbers *numbers, uint32_t left_out)
{
	size_t count = 0;

	qsort(numbers->each, numbers->count, sizeof(*numbers->each), number_order);
	for (size_t i = 0; i < numbers->count; i++)
		if (numbers->each[i] != left_out &&
		    (count == 0 || numbers->each[count - 1] != numbers->each[i]))
			numbers->each[count++] = numbers->each[i];
	numbers->count = count;
}

/* Of a guest who is gone only the number is known. */
static struct person *people_of(struct worker *worker, const uint32_t *numbers, size_t count)
{
	struct person *people = memory_zeroed(count + 1, sizeof(*people) + NAME_BYTES_MAX);
	char *names = (char *)(people + count);

	for (size_t i = 0; i < count; i++, names += NAME_BYTES_MAX) {
		if (directory_find_number(worker->bridge->directory, numbers[i], &people[i], names))
			continue;
		people[i] = (struct person){ .number = numbers[i], .name = { names, 0 } };
		identity_uuid(&worker->bridge->key, ID_PERSON, numbers[i], 0, people[i].uuid);
	}
	return people;
}

void listing_fill(struct worker *worker, const struct post_look *asked, struct answer *answer)
{
	const struct room_rules *rules = &asked->room->rules;
	const struct room *room = asked->room->room;
	struct numbers numbers;
	size_t from, left;

	if (asked->kind == LOOK_ADMINS) {
		numbers.each = room_admins(room, &numbers.count);
		add_named(worker, &numbers, rules->admins, rules->admin_count);
		sort(&numbers, answer->look.owner);
	} else {
		numbers.each = room_banned(room, worker->tick_ms, &numbers.count);
		add_named(worker, &numbers, rules->banned, rules->banned_count);
		sort(&numbers, 0);
	}
	from = asked->offset < numbers.count ? asked->offset : numbers.count;
	left = numbers.count - from;
	answer->total = numbers.count;
	answer->count = left < asked->count ? left : asked->count;
	answer->members = people_of(worker, numbers.each + from, answer->count);
	free(numbers.each);
}
