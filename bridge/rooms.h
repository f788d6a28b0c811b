/* rooms.h - makes the rooms of a configuration: at start all of them, at a reload those that come
 * or change. Main thread. */
#ifndef BRIDGE_ROOMS_H
#define BRIDGE_ROOMS_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/core/bridge.h"
#include "conf/conf.h"

/* The rules of a room. The name is the configuration's and borrowed; the lists are in a block of
 * their own, which is returned new (free()). */
void *rooms_rules(const struct limits *limits, const struct conf_room *conf,
		  struct room_rules *rules);

/* A new entry for a room, in a free place of the bridge's, closed (rooms_open()). The bridge has
 * it from now on. */
struct room_entry *rooms_add(struct bridge *bridge, const struct conf_room *conf);

/* What dialects call the room; see room_names_new(). Returns new. */
struct room_names *rooms_names(const struct bridge *bridge, const struct room_entry *room,
			       const struct conf_room *conf);

/* Would the room's names by this configuration, or the rules of their views, be others? */
bool rooms_renamed(const struct conf_room *old, const struct conf_room *new);

/* Opens a closed room: from now on its owner's worker may order events in it. */
void rooms_open(struct bridge *bridge, struct room_entry *room);

/* Frees an entry that nothing refers to any more, and gives its place to the next. */
void rooms_remove(struct bridge *bridge, struct room_entry *room);

/* Says that two rooms have the same id, as room_table_add() found. file NULL: at start. */
void rooms_tell_taken(const struct room_entry *room, const struct room_entry *taken, size_t dialect,
		      const char *file, unsigned line, FILE *errors);

/* Warns that a room made at run time is left out, because taken has one of its ids. */
void rooms_tell_left_out(const struct room_entry *room, const struct room_entry *taken);

/* All rooms of bridge->conf, closed, and the first table. False after an error, which is told. */
bool rooms_make(struct bridge *bridge, FILE *errors);

/* Frees all that the above made; the workers are gone. */
void rooms_free(struct bridge *bridge);

#endif
