#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/load.h"

/* How many publishers' sequences a ring remembers beyond the window: what comes later than that
 * was lost long ago. */
static uint32_t ring_size(const struct group *group)
{
	uint32_t size = 64;
	while (size < 2 * group->window)
		size *= 2;
	return size;
}

static enum speech member_speech(const struct group *group, unsigned index)
{
	static const enum speech dialects[] = { MIXER, CONCORD, ROOMS, SIMPLE };
	return group->mixed ? dialects[index % 4] : group->speech;
}

/* The same part of each dialect. */
static bool member_deflates(const struct group *group, unsigned index)
{
	unsigned each = (group->members + 3) / 4, at = index % 4 * each + index / 4;
	return (at + 1) * group->deflate / group->members > at * group->deflate / group->members;
}

static void room_build(struct room *room, struct member *members)
{
	struct group *group = room->group;
	room->publishers = zeroed(group->publishers, sizeof *room->publishers);
	room->listeners = group->members - group->stalled;
	for (unsigned i = 0; i < group->members; i++) {
		struct member *member = &members[i];
		*member = (struct member){ .room = room,
					   .number = (unsigned)(member - run.members),
					   .speech = member_speech(group, i),
					   .fd = -1 };
		member->stalled = i >= room->listeners;
		member->deflate = member_deflates(group, i);
		if (!group->publishers)
			continue;
		member->next = zeroed(2 * group->publishers, sizeof *member->next);
		member->gaps = member->next + group->publishers;
	}
	for (unsigned i = 0; i < group->publishers; i++) {
		room->publishers[i].member = &members[i];
		if (group->window)
			room->publishers[i].missing = zeroed(ring_size(group), sizeof(uint32_t));
	}
}

void crowd_build(void)
{
	unsigned room_at = 0, member_at = 0;
	for (unsigned g = 0; g < run.group_count; g++) {
		run.room_count += run.groups[g].rooms;
		run.member_count += run.groups[g].rooms * run.groups[g].members;
	}
	run.rooms = zeroed(run.room_count, sizeof *run.rooms);
	run.members = zeroed(run.member_count, sizeof *run.members);
	for (unsigned g = 0; g < run.group_count; g++) {
		struct group *group = &run.groups[g];
		for (unsigned r = 0; r < group->rooms; r++, room_at++) {
			struct room *room = &run.rooms[room_at];
			room->group = group;
			room->number = group->first_room + r;
			room_build(room, &run.members[member_at]);
			member_at += group->members;
		}
	}
}

void crowd_ready(struct member *member)
{
	member->phase = READY;
	member->room->group->ready++;
	run.ready++;
}

void crowd_lost(struct member *member, const char *why)
{
	if (member->phase == LOST)
		return;
	/* To cut a member who does not read is what a server should do. */
	if (!(member->stalled && member->phase == READY)) {
		if (!run.lost_members++)
			fprintf(stderr, "load: member %u of %s: %s\n", member->number,
				member->room->group->name, why);
	}
	member->phase = LOST;
	close(member->fd);
}

/* ---- deliveries ---- */

static void message_complete(struct room *room)
{
	room->in_flight--;
	run.progress = run.now;
}

/* The sequence that a member of the room just got from one of its publishers. */
static bool sequence_check(struct member *member, uint32_t who, uint32_t sequence)
{
	uint32_t *next = &member->next[who];
	if (sequence == *next) {
		(*next)++;
		return true;
	}
	if (sequence > *next) {
		member->gaps[who] += sequence - *next;
		*next = sequence + 1;
		return true;
	}
	if (!member->gaps[who]) {
		run.doubled++;
		return false;
	}
	member->gaps[who]--;
	run.reordered++;
	return true;
}

static void token_heard(struct member *member, struct token token)
{
	struct room *room = member->room;
	struct group *group = room->group;
	struct publisher *publisher;
	if (token.room != room->number || token.publisher >= group->publishers ||
	    token.sequence >= room->publishers[token.publisher].sent) {
		run.foreign++;
		return;
	}
	publisher = &room->publishers[token.publisher];
	if (!sequence_check(member, token.publisher, token.sequence))
		return;
	run.delivered++;
	if (run.measuring) {
		run.measured_delivered++;
		group->delivered++;
		histogram_add(&group->latency, run.now > token.ns ? run.now - token.ns : 0);
	}
	if (publisher->missing &&
	    --publisher->missing[token.sequence & (ring_size(group) - 1)] == 0)
		message_complete(room);
}

size_t crowd_heard(struct member *member, const char *data, size_t len)
{
	struct token token;
	size_t at = 0, hint = 0;
	if (member->stalled)
		return len;
	if (!speech_streams(member->speech)) {
		if (!speech_is_reply(member, data, len) &&
		    token_find(data, len, &member->token_at, &token))
			token_heard(member, token);
		return len;
	}
	for (;;) {
		const char *found;
		hint = member->token_at;
		found = token_find(data + at, len - at, &hint, &token);
		if (!found)
			break;
		token_heard(member, token);
		at = (size_t)(found - data) + TOKEN_BYTES;
	}
	return len - at < TOKEN_BYTES ? at : len - (TOKEN_BYTES - 1);
}

/* ---- publishing ---- */

static void publish(struct room *room, uint64_t due)
{
	struct group *group = room->group;
	uint32_t who = room->turn;
	struct publisher *publisher = &room->publishers[who];
	struct token token = { room->number, who, publisher->sent, due };
	speech_publish(publisher->member, token);
	if (publisher->missing)
		publisher->missing[publisher->sent & (ring_size(group) - 1)] = room->listeners;
	publisher->sent++;
	room->in_flight++;
	room->turn = who + 1 < group->publishers ? who + 1 : 0;
	run.published++;
	run.expected += room->listeners;
	if (run.measuring) {
		run.measured_published++;
		group->published++;
	}
}

static void flush_publishers(struct room *room)
{
	for (unsigned i = 0; i < room->group->publishers; i++) {
		struct member *member = room->publishers[i].member;
		if (member->out.len && !member->wants_out && member->phase == READY)
			wire_flush(member);
	}
}

static double rate_now(const struct group *group)
{
	return run.measuring || group->warm_rate <= 0 ? group->rate : group->warm_rate;
}

/* When message number `index` of the room is due. */
static uint64_t due_at(const struct room *room, uint64_t index)
{
	return room->first_due +
	       (uint64_t)((double)index * (double)SECOND_NS / rate_now(room->group));
}

static uint64_t publish_due(struct room *room)
{
	uint64_t due;
	if (!room->first_due) {
		/* Rooms of a group do not all speak at once. */
		uint64_t apart = (uint64_t)((double)SECOND_NS / rate_now(room->group));
		room->first_due =
		    run.now + apart * (room->number - room->group->first_room) / room->group->rooms;
	}
	while ((due = due_at(room, room->scheduled)) <= run.now) {
		publish(room, due);
		room->scheduled++;
	}
	return due;
}

void crowd_measure(void)
{
	run.measuring = true;
	for (unsigned i = 0; i < run.room_count; i++)
		run.rooms[i].first_due = run.rooms[i].scheduled = 0;
}

uint64_t crowd_publish(void)
{
	uint64_t next = UINT64_MAX;
	for (unsigned i = 0; i < run.room_count; i++) {
		struct room *room = &run.rooms[i];
		struct group *group = room->group;
		if (!group->publishers)
			continue;
		if (group->rate > 0) {
			uint64_t due = publish_due(room);
			if (due < next)
				next = due;
		} else if (!group->burst || room->in_flight == 0) {
			while (room->in_flight < group->window)
				publish(room, run.now);
		}
		flush_publishers(room);
	}
	return next;
}
