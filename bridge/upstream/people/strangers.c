#include "bridge/upstream/people/strangers.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/directory.h"
#include "bridge/core/people/directory_strangers.h"
#include "bridge/upstream/people/stranger_name.h"
#include "codecs/text/hash.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

#define ROLES_SHOWN (ROLE_PRO | ROLE_SUBSCRIBER)

struct queue;

struct one {
	struct stranger is;
	char id[FOREIGN_ID_MAX], name[NAME_BYTES_MAX];
	uint64_t said;              /* keyed hash of the name there, and ... */
	char there[NAME_BYTES_MAX]; /* ... its beginning, and ... */
	char base[NAME_BYTES_MAX];  /* ... that, cleaned */
	size_t base_len;            /* 0: it cannot be one */
	struct queue *queue;        /* NULL: ours */
	struct one *before, *behind;
	UT_hash_handle by_id, by_number;
};

/* Who was met last is last. */
struct queue {
	struct one *first, *last;
};

struct strangers {
	struct bridge *bridge;
	char *upstream;
	size_t most, count;
	strangers_gone *gone;
	void *owner;
	struct one *ids, *numbers;
	struct queue online, away;
	struct one **places;
	uint32_t place_count, place_room;
	uint32_t *free_places; /* as much room */
	uint32_t free_count;
};

struct strangers *strangers_new(struct bridge *bridge, const char *upstream, size_t most,
				strangers_gone *gone, void *owner)
{
	struct strangers *strangers = memory_zeroed(1, sizeof(*strangers));

	strangers->bridge = bridge;
	strangers->upstream = memory_text(upstream, strlen(upstream));
	strangers->most = most < STRANGERS_MAX / 2 ? most : STRANGERS_MAX / 2;
	strangers->gone = gone;
	strangers->owner = owner;
	return strangers;
}

static struct directory *directory_of(const struct strangers *strangers)
{
	return strangers->bridge->directory;
}

/* What others choose is hashed so that they cannot choose where it comes. */
static uint64_t hash_of(const struct strangers *strangers, struct slice text)
{
	return keyed_hash(&strangers->bridge->key, text.data, text.len);
}

/* ---- queues and places ---- */

static void queue_add(struct queue *queue, struct one *one)
{
	one->queue = queue;
	one->behind = NULL;
	one->before = queue->last;
	*(queue->last ? &queue->last->behind : &queue->first) = one;
	queue->last = one;
}

static void queue_remove(struct one *one)
{
	*(one->before ? &one->before->behind : &one->queue->first) = one->behind;
	*(one->behind ? &one->behind->before : &one->queue->last) = one->before;
}

static void place_take(struct strangers *strangers, struct one *one)
{
	if (strangers->free_count > 0) {
		one->is.place = strangers->free_places[--strangers->free_count];
	} else {
		one->is.place = strangers->place_count++;
		if (strangers->place_count > strangers->place_room) {
			strangers->place_room = 2 * strangers->place_count + 16;
			strangers->places = memory_resize(
			    strangers->places, strangers->place_room * sizeof(struct one *));
			strangers->free_places = memory_resize(
			    strangers->free_places, strangers->place_room * sizeof(uint32_t));
		}
	}
	strangers->places[one->is.place] = one;
}

static void place_give(struct strangers *strangers, const struct one *one)
{
	strangers->places[one->is.place] = NULL;
	strangers->free_places[strangers->free_count++] = one->is.place;
}

/* ---- tables ---- */

static struct one *id_find(const struct strangers *strangers, struct slice id)
{
	struct one *one = NULL;
	unsigned hash;

	if (id.len == 0 || id.len > FOREIGN_ID_MAX)
		return NULL;
	hash = (unsigned)hash_of(strangers, id);
	HASH_FIND_BYHASHVALUE(by_id, strangers->ids, id.data, (unsigned)id.len, hash, one);
	return one;
}

/* Not in the tables yet. */
static struct one *one_new(struct strangers *strangers, struct slice id)
{
	struct one *one = memory_zeroed(1, sizeof(*one));

	memcpy(one->id, id.data, id.len);
	one->is.id = slice_span(one->id, id.len);
	place_take(strangers, one);
	return one;
}

static void id_add(struct strangers *strangers, struct one *one)
{
	unsigned hash = (unsigned)hash_of(strangers, one->is.id);

	HASH_ADD_KEYPTR_BYHASHVALUE(by_id, strangers->ids, one->id, (unsigned)one->is.id.len, hash,
				    one);
}

static void number_add(struct strangers *strangers, struct one *one)
{
	HASH_ADD(by_number, strangers->numbers, is.person.number, sizeof(one->is.person.number),
		 one);
}

static void person_set(struct one *one, const struct person *person)
{
	size_t len = person->name.len < sizeof(one->name) ? person->name.len : sizeof(one->name);

	memcpy(one->name, person->name.data, len);
	one->is.person = *person;
	one->is.person.name = slice_span(one->name, len);
}

/* ---- going ---- */

static void log_out(struct strangers *strangers, const struct one *one, uint64_t now_ms)
{
	if (one->is.ours)
		return;
	if (one->is.online)
		directory_offline(directory_of(strangers), one->is.person.number);
	directory_logout(directory_of(strangers), one->is.person.number, now_ms);
}

static void one_free(struct strangers *strangers, struct one *one)
{
	HASH_DELETE(by_id, strangers->ids, one);
	HASH_DELETE(by_number, strangers->numbers, one);
	place_give(strangers, one);
	if (one->queue)
		queue_remove(one);
	strangers->count -= !one->is.ours;
	free(one);
}

static void let_go(struct strangers *strangers, struct one *one, uint64_t now_ms)
{
	strangers->gone(strangers->owner, &one->is);
	log_out(strangers, one, now_ms);
	one_free(strangers, one);
}

void strangers_free(struct strangers *strangers, uint64_t now_ms)
{
	while (strangers && strangers->ids) {
		log_out(strangers, strangers->ids, now_ms);
		one_free(strangers, strangers->ids);
	}
	if (!strangers)
		return;
	free(strangers->upstream);
	free(strangers->places);
	free(strangers->free_places);
	free(strangers);
}

/* ---- names ---- */

static bool admit(struct strangers *strangers, struct one *one, const struct person *known)
{
	struct person who;

	if (!directory_admit_stranger(directory_of(strangers), known, &who))
		return false;
	person_set(one, &who);
	return true;
}

static bool change(struct strangers *strangers, struct one *one, const struct person *known)
{
	struct person who;

	if (!directory_change_stranger(directory_of(strangers), known, &who))
		return false;
	person_set(one, &who);
	return true;
}

/* Gives somebody the first name that is free. False: none is. */
static bool name_find(struct strangers *strangers, struct one *one,
		      bool (*take)(struct strangers *, struct one *, const struct person *))
{
	struct stranger_names names = { .upstream = slice_of(strangers->upstream),
					.base = slice_span(one->base, one->base_len),
					.id = one->is.id };
	struct person known = { .number = one->is.person.number,
				.roles = one->is.roles_there & ROLES_SHOWN };
	char name[NAME_BYTES_MAX];

	for (unsigned try = 0; try < STRANGER_NAMES; try++) {
		known.name = slice_span(name, stranger_name(&names, try, name));
		if (known.name.len == 0)
			continue;
		if (take == change && slice_equal(known.name, one->is.person.name))
			return true;
		if (take(strangers, one, &known))
			return true;
	}
	return false;
}

/* ---- who is met ---- */

/* Has the name there changed? */
static bool hear_name(const struct strangers *strangers, struct one *one, struct slice name)
{
	uint64_t said = hash_of(strangers, name);

	if (name.len == 0 || said == one->said)
		return false;
	one->said = said;
	name = text_clip(name, NAME_BYTES_MAX);
	memcpy(one->there, name.data, name.len);
	one->is.name = slice_span(one->there, name.len);
	one->base_len = name_clean(name, one->base);
	return true;
}

static void make_room(struct strangers *strangers, uint64_t now_ms)
{
	while (strangers->count > 0 && strangers->count >= strangers->most)
		let_go(strangers,
		       strangers->away.first ? strangers->away.first : strangers->online.first,
		       now_ms);
}

static struct one *meet_first(struct strangers *strangers, const struct foreign_person *person,
			      uint64_t now_ms)
{
	struct one *one;

	make_room(strangers, now_ms);
	one = one_new(strangers, person->id);
	one->is.roles_there = person->roles;
	hear_name(strangers, one, person->name);
	if (!name_find(strangers, one, admit)) {
		place_give(strangers, one);
		free(one);
		return NULL;
	}
	id_add(strangers, one);
	number_add(strangers, one);
	queue_add(&strangers->away, one);
	strangers->count++;
	return one;
}

/* An account is to have its number or its name. NULL: there is none for it any more. */
static struct one *admit_again(struct strangers *strangers, struct one *one, uint64_t now_ms)
{
	strangers->gone(strangers->owner, &one->is);
	one->is.seated = false;
	log_out(strangers, one, now_ms);
	if (!name_find(strangers, one, admit)) {
		one_free(strangers, one);
		return NULL;
	}
	HASH_DELETE(by_number, strangers->numbers, one);
	number_add(strangers, one);
	if (one->is.online)
		directory_online_stranger(directory_of(strangers), one->is.person.number);
	return one;
}

static void rename_one(struct strangers *strangers, struct one *one)
{
	strangers->gone(strangers->owner, &one->is);
	one->is.seated = false;
	name_find(strangers, one, change);
}

/* Only those for show, and those that were said: 0 says nothing. */
static void hear_roles(struct strangers *strangers, struct one *one, uint32_t roles)
{
	uint32_t changed = (one->is.roles_there ^ roles) & ROLES_SHOWN;
	struct person known = one->is.person;

	if (roles == 0)
		return;
	one->is.roles_there = roles;
	if (!changed)
		return;
	known.roles = roles & ROLES_SHOWN;
	change(strangers, one, &known);
}

static struct one *meet_again(struct strangers *strangers, struct one *one,
			      const struct foreign_person *person, uint64_t now_ms)
{
	bool renamed = hear_name(strangers, one, person->name);

	queue_remove(one);
	queue_add(one->queue, one);
	hear_roles(strangers, one, person->roles);
	if (directory_evicts(directory_of(strangers), one->is.person.number))
		return admit_again(strangers, one, now_ms);
	if (renamed)
		rename_one(strangers, one);
	return one;
}

const struct stranger *strangers_meet(struct strangers *strangers,
				      const struct foreign_person *person, uint64_t now_ms)
{
	struct one *one = id_find(strangers, person->id);

	if (person->id.len == 0 || person->id.len > FOREIGN_ID_MAX)
		return NULL;
	if (!one)
		one = meet_first(strangers, person, now_ms);
	else if (!one->is.ours)
		one = meet_again(strangers, one, person, now_ms);
	if (one)
		one->is.used_ms = now_ms;
	return one ? &one->is : NULL;
}

/* ---- who is known ---- */

const struct stranger *strangers_find_id(const struct strangers *strangers, struct slice id)
{
	const struct one *one = id_find(strangers, id);

	return one ? &one->is : NULL;
}

const struct stranger *strangers_find_number(const struct strangers *strangers, uint32_t number)
{
	const struct one *one;

	HASH_FIND(by_number, strangers->numbers, &number, sizeof(number), one);
	return one ? &one->is : NULL;
}

const struct stranger *strangers_next(const struct strangers *strangers, uint32_t *place)
{
	while (*place < strangers->place_count) {
		const struct one *one = strangers->places[(*place)++];

		if (one)
			return &one->is;
	}
	return NULL;
}

size_t strangers_count(const struct strangers *strangers)
{
	return strangers->count;
}

void strangers_set_online(struct strangers *strangers, const struct stranger *stranger, bool online)
{
	struct one *one = strangers->places[stranger->place];

	if (one->is.online == online)
		return;
	one->is.online = online;
	if (one->is.ours)
		return;
	queue_remove(one);
	queue_add(online ? &strangers->online : &strangers->away, one);
	if (online)
		directory_online_stranger(directory_of(strangers), one->is.person.number);
	else
		directory_offline(directory_of(strangers), one->is.person.number);
}

void strangers_set_seated(struct strangers *strangers, const struct stranger *stranger, bool seated)
{
	strangers->places[stranger->place]->is.seated = seated;
}

/* ---- who is here by other means ---- */

bool strangers_alias(struct strangers *strangers, struct slice id, const struct person *person,
		     uint64_t now_ms)
{
	struct one *one = id_find(strangers, id);

	if (id.len == 0 || id.len > FOREIGN_ID_MAX)
		return false;
	if (one)
		let_go(strangers, one, now_ms);
	one = one_new(strangers, id);
	one->is.ours = true;
	one->is.used_ms = now_ms;
	person_set(one, person);
	id_add(strangers, one);
	number_add(strangers, one);
	return true;
}

void strangers_unalias(struct strangers *strangers, struct slice id, uint64_t now_ms)
{
	struct one *one = id_find(strangers, id);

	if (one && one->is.ours)
		let_go(strangers, one, now_ms);
}

void strangers_yield(struct strangers *strangers, uint64_t now_ms)
{
	for (uint32_t place = 0; place < strangers->place_count; place++) {
		struct one *one = strangers->places[place];

		if (one && !one->is.ours &&
		    directory_evicts(directory_of(strangers), one->is.person.number))
			let_go(strangers, one, now_ms);
	}
}
