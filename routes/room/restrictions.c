#include "routes/room/restrictions.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

struct mark {
	struct mark_key key; /* folded points at name */
	struct room_time until;
	uint32_t person; /* whose it is; 0: nobody's in particular */
	struct mark *older, *newer;
	char name[];
};

static int number_order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* A tree, not a hash table: its cost does not depend on names that clients choose. */
static int mark_order(const void *a, const void *b)
{
	const struct mark_key *left = &((const struct mark *)a)->key;
	const struct mark_key *right = &((const struct mark *)b)->key;
	int order = number_order(left->number, right->number);

	if (!order)
		order = number_order(left->address, right->address);
	return order ? order : slice_order(left->folded, right->folded);
}

static struct mark *mark_find(const struct marks *marks, struct mark_key key)
{
	struct mark wanted = { .key = key };
	struct mark *const *found = tfind(&wanted, &marks->tree, mark_order);

	return found ? *found : NULL;
}

static void mark_forget(struct marks *marks, struct mark *mark)
{
	*(mark->older ? &mark->older->newer : &marks->oldest) = mark->newer;
	*(mark->newer ? &mark->newer->older : &marks->newest) = mark->older;
	tdelete(mark, &marks->tree, mark_order);
	free(mark);
	marks->count--;
}

static struct mark *mark_add(struct marks *marks, struct mark_key key, struct room_time until)
{
	struct mark *mark = memory_zeroed(1, sizeof(*mark) + key.folded.len);

	if (key.folded.len)
		memcpy(mark->name, key.folded.data, key.folded.len);
	mark->key = key;
	mark->key.folded.data = mark->name;
	mark->until = until;
	mark->older = marks->newest;
	*(marks->newest ? &marks->newest->newer : &marks->oldest) = mark;
	marks->newest = mark;
	marks->count++;
	if (!tsearch(mark, &marks->tree, mark_order))
		abort();
	return mark;
}

void marks_clear(struct marks *marks)
{
	while (marks->oldest)
		mark_forget(marks, marks->oldest);
}

void marks_set_for(struct marks *marks, struct mark_key key, struct room_time until,
		   uint32_t person)
{
	struct mark *mark;

	if (!key.number && !key.address && !key.folded.len)
		return;
	mark = mark_find(marks, key);
	if (mark)
		mark_forget(marks, mark);
	else if (until.steady_ms && marks->count == MARKS_MAX)
		mark_forget(marks, marks->oldest);
	if (until.steady_ms)
		mark_add(marks, key, until)->person = person;
}

void marks_set(struct marks *marks, struct mark_key key, uint64_t until_ms)
{
	marks_set_for(marks, key, (struct room_time){ until_ms, until_ms }, 0);
}

bool marks_pardon(struct marks *marks, struct mark_key key)
{
	struct mark *mark = mark_find(marks, key), *next;
	uint32_t person = mark ? mark->person : 0;

	if (!mark)
		return false;
	mark_forget(marks, mark);
	for (mark = marks->oldest; mark && person; mark = next) {
		next = mark->newer;
		if (mark->person == person)
			mark_forget(marks, mark);
	}
	return true;
}

size_t marks_forget(struct marks *marks, uint32_t number, struct slice folded)
{
	size_t count = marks->count;

	for (struct mark *mark = marks->oldest, *next; mark; mark = next) {
		next = mark->newer;
		if (mark->key.number == number || mark->person == number ||
		    (folded.len && slice_equal(mark->key.folded, folded)))
			mark_forget(marks, mark);
	}
	return count - marks->count;
}

uint64_t marks_until(const struct marks *marks, struct mark_key key)
{
	const struct mark *mark = marks->count ? mark_find(marks, key) : NULL;

	return mark ? mark->until.steady_ms : 0;
}

uint64_t marks_wall(const struct marks *marks, struct mark_key key)
{
	const struct mark *mark = marks->count ? mark_find(marks, key) : NULL;

	return mark ? mark->until.wall_ms : 0;
}

uint32_t marks_first(const struct marks *marks)
{
	return marks->oldest ? marks->oldest->key.number : 0;
}

uint32_t *marks_numbers(const struct marks *marks, uint64_t now_ms, size_t *count)
{
	uint32_t *numbers = memory_new((marks->count + 1) * sizeof(*numbers));

	*count = 0;
	for (const struct mark *mark = marks->oldest; mark; mark = mark->newer)
		if (mark->key.number && mark->until.steady_ms > now_ms)
			numbers[(*count)++] = mark->key.number;
	return numbers;
}

void marks_digest(const struct marks *marks, struct digest *digest)
{
	digest_number(digest, marks->count);
	for (const struct mark *mark = marks->oldest; mark; mark = mark->newer) {
		digest_number(digest, mark->key.number);
		digest_number(digest, mark->key.address);
		digest_text(digest, mark->key.folded);
		digest_number(digest, mark->until.wall_ms);
		digest_number(digest, mark->person);
	}
}
