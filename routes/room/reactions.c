#include "routes/room/reactions.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

#define PERSONS_FIRST 4
#define EMOJIS_FIRST  2

/* One emoji's persons, sorted. */
struct emoji {
	uint32_t *persons;
	uint32_t count, capacity;
	unsigned char len;
	char text[REACTION_BYTES_MAX];
};

struct reactions {
	struct emoji *emojis; /* in order of first use; none is empty */
	uint32_t count, capacity, pairs;
};

struct reactions *reactions_new(void)
{
	return memory_zeroed(1, sizeof(struct reactions));
}

void reactions_free(struct reactions *reactions)
{
	if (!reactions)
		return;
	for (uint32_t i = 0; i < reactions->count; i++)
		free(reactions->emojis[i].persons);
	free(reactions->emojis);
	free(reactions);
}

size_t reactions_pairs(const struct reactions *reactions)
{
	return reactions ? reactions->pairs : 0;
}

static struct slice emoji_text(const struct emoji *emoji)
{
	return slice_span(emoji->text, emoji->len);
}

/* Its place, or count when it is not there. */
static uint32_t emoji_find(const struct reactions *reactions, struct slice text)
{
	uint32_t i = 0;

	while (i < reactions->count && !slice_equal(emoji_text(&reactions->emojis[i]), text))
		i++;
	return i;
}

/* The first place whose person is not below this one. */
static uint32_t person_place(const struct emoji *emoji, uint32_t person)
{
	uint32_t low = 0, high = emoji->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (emoji->persons[middle] < person)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool reactions_has(const struct reactions *reactions, struct slice emoji, uint32_t person)
{
	const struct emoji *found;
	uint32_t index, place;

	if (!reactions)
		return false;
	index = emoji_find(reactions, emoji);
	if (index == reactions->count)
		return false;
	found = &reactions->emojis[index];
	place = person_place(found, person);
	return place < found->count && found->persons[place] == person;
}

bool reactions_fit(const struct reactions *reactions, struct slice emoji)
{
	if (!reactions)
		return true;
	return reactions->pairs < REACTIONS_MAX &&
	       (reactions->count < ENVELOPE_REACTIONS_MAX ||
		emoji_find(reactions, emoji) < reactions->count);
}

static struct emoji *emoji_add(struct reactions *reactions, struct slice text)
{
	struct emoji *emoji;

	if (reactions->count == reactions->capacity) {
		reactions->capacity = reactions->capacity ? reactions->capacity * 2 : EMOJIS_FIRST;
		reactions->emojis = memory_resize(reactions->emojis,
						  reactions->capacity * sizeof(*reactions->emojis));
	}
	emoji = &reactions->emojis[reactions->count++];
	*emoji = (struct emoji){ .len = (unsigned char)text.len };
	memcpy(emoji->text, text.data, text.len);
	return emoji;
}

void reactions_add(struct reactions *reactions, struct slice text, uint32_t person)
{
	uint32_t index = emoji_find(reactions, text), place;
	struct emoji *emoji =
	    index < reactions->count ? &reactions->emojis[index] : emoji_add(reactions, text);

	if (emoji->count == emoji->capacity) {
		emoji->capacity = emoji->capacity ? emoji->capacity * 2 : PERSONS_FIRST;
		emoji->persons =
		    memory_resize(emoji->persons, emoji->capacity * sizeof(*emoji->persons));
	}
	place = person_place(emoji, person);
	memmove(emoji->persons + place + 1, emoji->persons + place,
		(emoji->count - place) * sizeof(*emoji->persons));
	emoji->persons[place] = person;
	emoji->count++;
	reactions->pairs++;
}

/* The index-th emoji without the person who has that place there. */
static void pair_remove(struct reactions *reactions, uint32_t index, uint32_t place)
{
	struct emoji *emoji = &reactions->emojis[index];

	emoji->count--;
	reactions->pairs--;
	memmove(emoji->persons + place, emoji->persons + place + 1,
		(emoji->count - place) * sizeof(*emoji->persons));
	if (emoji->count)
		return;
	free(emoji->persons);
	reactions->count--;
	memmove(emoji, emoji + 1, (reactions->count - index) * sizeof(*emoji));
}

void reactions_remove(struct reactions *reactions, struct slice text, uint32_t person)
{
	uint32_t index = emoji_find(reactions, text);

	pair_remove(reactions, index, person_place(&reactions->emojis[index], person));
}

size_t reactions_forget(struct reactions *reactions, uint32_t person)
{
	size_t removed = 0;

	/* From the last: one that nobody is left of goes. */
	for (uint32_t i = reactions->count; i-- > 0;) {
		const struct emoji *emoji = &reactions->emojis[i];
		uint32_t place = person_place(emoji, person);

		if (place == emoji->count || emoji->persons[place] != person)
			continue;
		pair_remove(reactions, i, place);
		removed++;
	}
	return removed;
}

size_t reactions_counts(const struct reactions *reactions, struct reaction_count *out, size_t max)
{
	size_t count = 0;

	while (reactions && count < reactions->count && count < max) {
		out[count].emoji = emoji_text(&reactions->emojis[count]);
		out[count].count = reactions->emojis[count].count;
		count++;
	}
	return count;
}

size_t reactions_list(const struct reactions *reactions, struct reactor *out, size_t max)
{
	size_t count = 0;

	for (uint32_t i = 0; reactions && i < reactions->count; i++)
		for (uint32_t at = 0; at < reactions->emojis[i].count && count < max; at++)
			out[count++] = (struct reactor){ emoji_text(&reactions->emojis[i]),
							 reactions->emojis[i].persons[at] };
	return count;
}

void reactions_digest(const struct reactions *reactions, struct digest *digest)
{
	digest_number(digest, reactions ? reactions->count : 0);
	for (uint32_t i = 0; reactions && i < reactions->count; i++) {
		const struct emoji *emoji = &reactions->emojis[i];

		digest_text(digest, emoji_text(emoji));
		digest_number(digest, emoji->count);
		for (uint32_t j = 0; j < emoji->count; j++)
			digest_number(digest, emoji->persons[j]);
	}
}
