#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "routes/rules/route_compiled.h"
#include "routes/rules/route_set.h"

/* Rooms in the order of their names, and for each room the row of rules that match it. */
struct rooms {
	struct slice *names; /* in order */
	size_t *index;       /* which room has that name */
	size_t count;
	uint64_t *rows; /* by room */
};

/* ---- finding rooms by name ---- */

/* Bytes in order, the shorter first: names that begin alike stand together. */
static int text_order(struct slice a, struct slice b)
{
	size_t least = a.len < b.len ? a.len : b.len;
	int order = least ? memcmp(a.data, b.data, least) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int room_order(const void *a, const void *b, void *names)
{
	const struct slice *all = names;

	return text_order(all[*(const size_t *)a], all[*(const size_t *)b]);
}

static void rooms_sort(struct rooms *rooms, const struct slice *names, size_t count)
{
	rooms->count = count;
	rooms->names = memory_new(count * sizeof(*rooms->names));
	rooms->index = memory_new(count * sizeof(*rooms->index));
	for (size_t i = 0; i < count; i++)
		rooms->index[i] = i;
	qsort_r(rooms->index, count, sizeof(*rooms->index), room_order, (void *)(uintptr_t)names);
	for (size_t i = 0; i < count; i++)
		rooms->names[i] = names[rooms->index[i]];
}

/* The place of the first name that is not before text. */
static size_t rooms_find(const struct rooms *rooms, struct slice text)
{
	size_t low = 0, high = rooms->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (text_order(rooms->names[middle], text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool begins(struct slice text, struct slice prefix)
{
	return text.len >= prefix.len &&
	       (!prefix.len || memcmp(text.data, prefix.data, prefix.len) == 0);
}

/* Adds the rule to the rows of all rooms that wanted means. False: there are none. */
static bool rooms_match(struct rooms *rooms, struct slice wanted, size_t words, size_t rule)
{
	bool prefix = wanted.len && wanted.data[wanted.len - 1] == '*';
	struct slice start = slice_span(wanted.data, wanted.len - prefix);
	size_t first = rooms_find(rooms, start), i = first;

	for (; i < rooms->count; i++) {
		if (prefix ? !begins(rooms->names[i], start) : !slice_equal(rooms->names[i], start))
			break;
		route_set_add(rooms->rows + rooms->index[i] * words, rule);
	}
	return i > first;
}

static void match_rule(struct route_build *build, struct rooms *rooms, size_t index)
{
	const struct route_rule *given = &build->rules[index];
	size_t words = build->table->words;

	if (!given->room_count) {
		(void)rooms_match(rooms, SLICE("*"), words, index);
		route_set_add(build->table->anywhere_row, index);
	}
	for (size_t i = 0; i < given->room_count; i++) {
		struct slice wanted = given->rooms[i];
		char shown[ROUTE_SHOWN_MAX];

		if (slice_is(wanted, "*"))
			route_set_add(build->table->anywhere_row, index);
		if (rooms_match(rooms, wanted, words, index))
			continue;
		route_fault(build, index, SIZE_MAX, "there is no room \"%s\"",
			    text_escape(wanted, shown, sizeof(shown)));
		build->table->rules[index].unsound = true;
	}
}

/* ---- classes ---- */

struct row_size {
	const uint64_t *rows;
	size_t words;
};

static int row_order(const void *a, const void *b, void *size)
{
	const struct row_size *all = size;
	size_t left = *(const size_t *)a, right = *(const size_t *)b;

	return memcmp(all->rows + left * all->words, all->rows + right * all->words,
		      all->words * sizeof(*all->rows));
}

/* Rooms with equal rows become one class. Reorders rooms->index. */
static void make_classes(struct route_table *table, struct rooms *rooms)
{
	struct row_size size = { rooms->rows, table->words };
	size_t bytes = table->words * sizeof(*table->class_rows);

	qsort_r(rooms->index, rooms->count, sizeof(*rooms->index), row_order, &size);
	table->room_class = memory_zeroed(rooms->count, sizeof(*table->room_class));
	table->class_rows = memory_zeroed(rooms->count * table->words, sizeof(*table->class_rows));
	for (size_t i = 0; i < rooms->count; i++) {
		if (!i || row_order(&rooms->index[i - 1], &rooms->index[i], &size) != 0) {
			if (bytes)
				memcpy(table->class_rows + table->class_count * table->words,
				       rooms->rows + rooms->index[i] * table->words, bytes);
			table->class_count++;
		}
		table->room_class[rooms->index[i]] = (uint32_t)(table->class_count - 1);
	}
	table->class_rows = memory_resize(table->class_rows, table->class_count * bytes);
}

void route_compile_rooms(struct route_build *build)
{
	struct route_table *table = build->table;
	struct rooms rooms;

	rooms_sort(&rooms, build->rooms, table->room_count);
	rooms.rows = memory_zeroed(rooms.count * table->words, sizeof(*rooms.rows));
	table->anywhere_row = memory_zeroed(table->words, sizeof(*table->anywhere_row));
	for (size_t i = 0; i < table->count; i++)
		match_rule(build, &rooms, i);
	make_classes(table, &rooms);
	free(rooms.names);
	free(rooms.index);
	free(rooms.rows);
}

void route_table_number(struct route_table *table, const size_t *places)
{
	size_t count = 0;
	uint32_t *classes;

	for (size_t i = 0; i < table->room_count; i++)
		count = places[i] >= count ? places[i] + 1 : count;
	classes = memory_new(count * sizeof(*classes));
	for (size_t i = 0; i < count; i++)
		classes[i] = ROUTE_NO_CLASS;
	for (size_t i = 0; i < table->room_count; i++)
		classes[places[i]] = table->room_class[i];
	free(table->room_class);
	table->room_class = classes;
	table->room_count = count;
	for (size_t i = 0; i < table->count; i++)
		for (size_t s = 0; s < table->rules[i].step_count; s++) {
			struct route_step *step = &table->rules[i].steps[s];

			if (step->action == ROUTE_ROOM && step->target != ROUTE_OWN_ROOM)
				step->target = places[step->target];
		}
}
