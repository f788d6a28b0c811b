/* judging.h - the owner of a shard judges what people at all nodes ask of its rooms: what the rooms
 * record, and how it ended, becomes items of a batch. Nothing is told to anybody here. The thread
 * of the shard's worker. */
#ifndef BRIDGE_CLUSTER_JUDGING_H
#define BRIDGE_CLUSTER_JUDGING_H

#include "bridge/cluster/asking.h"
#include "bridge/cluster/items.h"
#include "routes/room/room.h"

/* Where what its rooms record goes: nowhere, but while one of the functions below runs. Zeroed
 * before use. */
struct recorder {
	struct items *items;
	struct item_draft draft;
	uint32_t records;
};

/* For room_record() of each room of a cluster; owner: the recorder. */
void judging_record(void *owner, const struct record *record);

/* Judges one draft, whose ref names its node (room_node()). room: the one it is about, which
 * records there; NULL: there is none. Adds at least one item. Borrows. */
void judging_ask(struct recorder *recorder, struct items *items, const struct item_draft *draft,
		 struct room *room, const struct asking *asking, struct room_time now);

/* Ends what is due in a room. */
void judging_tick(struct recorder *recorder, struct items *items, struct room *room,
		  struct room_time now);

/* Everybody leaves who is in a room by connections of a node, of its starts up to that one. */
void judging_gone(struct recorder *recorder, struct items *items, struct room *room, unsigned node,
		  uint32_t incarnation, struct room_time now);

#endif
