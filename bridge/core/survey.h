/* survey.h - what a call finds out of several rooms: each of their owners adds to it, one after
 * another. Whoever has it owns it. */
#ifndef BRIDGE_CORE_SURVEY_H
#define BRIDGE_CORE_SURVEY_H

#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/text/name.h"
#include "codecs/text/quote.h"

struct room_entry;

struct surveyed_person {
	uint32_t number, roles;
	uint8_t name_len;
	char name[NAME_BYTES_MAX];
};

struct surveyed_event {
	const struct envelope *event; /* held */
	struct room_entry *room;
};

struct surveyed_reactor {
	uint32_t person;
	uint8_t len;
	char emoji[REACTION_BYTES_MAX];
};

/* Zeroed: nothing. */
struct survey {
	struct room_entry **rooms;
	struct surveyed_person *people; /* one may be there several times */
	struct surveyed_event *events;
	struct surveyed_reactor *reactors;
	size_t room_count, people_count, event_count, reactor_count;
	size_t rooms_held, people_held, events_held; /* for how many there is memory */
};

/* Returns new, zeroed. */
struct survey *survey_new(void);

/* NULL is ignored. */
void survey_free(struct survey *survey);

void survey_add_room(struct survey *survey, struct room_entry *room);
void survey_add_person(struct survey *survey, uint32_t number, struct slice name, uint32_t roles);

/* Takes the hold on event. */
void survey_add_event(struct survey *survey, const struct envelope *event, struct room_entry *room);

/* Leaves the newest events (by id), at most count, oldest first. */
void survey_trim(struct survey *survey, size_t count);

/* By number, each once; rooms in the order of their entries. */
void survey_sort(struct survey *survey);

#endif
