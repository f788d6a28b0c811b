/* random_event.h - events of each case with each of their fields filled in, from a seed, for the
 * tests of what dialects carry. */
#ifndef TESTS_SUPPORT_RANDOM_EVENT_H
#define TESTS_SUPPORT_RANDOM_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "codecs/carries.h"
#include "codecs/model/identity.h"

/* splitmix64 */
static inline uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* The people that events are about. */
#define CAST_SIZE 6

struct cast_person {
	char name[48];
	struct person person;
};

#define EVENT_PARTS_MOST  7
#define EVENT_LISTED_MOST 4
#define EVENT_TEXT_MOST   512

/* An event and all that it points at: not to be copied. */
struct random_event {
	struct envelope event;
	const struct cast_person *cast;
	char text[EVENT_TEXT_MOST], emoji[8], thread[24], extra[160], names[2][48];
	char part_names[EVENT_PARTS_MOST][64], question[EVENT_TEXT_MOST], options[4][64];
	struct part parts[EVENT_PARTS_MOST];
	struct reaction_count reactions[EVENT_LISTED_MOST];
	char reaction_texts[EVENT_LISTED_MOST][16];
	uint64_t removed[EVENT_LISTED_MOST];
	struct poll poll;
};

/* People with numbers and UUIDs, as ids has them. */
void random_cast(struct cast_person cast[CAST_SIZE], const struct id_key *ids, uint64_t *seed);

/* Fills in an event of that case, as a room orders it, of the dialect (NULL: of none). Its text is
 * one that every dialect takes: not empty, no command, at most 300 UTF-16 units. An action, and
 * each kind of parts, only where they are in with, as bits (1 << enum event_field). */
void random_event(struct random_event *out, enum event_case of, uint64_t with,
		  const struct cast_person *cast, const char *dialect, uint64_t *seed);

/* Changes that field alone, into something else. */
void random_change(struct random_event *event, enum event_field field, uint64_t *seed);

/* events_agree.c: is the field the same in both? Of FIELD_EVENT: are both of the same case? */
bool events_agree(const struct envelope *a, const struct envelope *b, enum event_field field);

/* The seed of the environment's SEED, else that one; printed as a line. */
uint64_t random_seed(uint64_t otherwise);

#endif
