/* Who is told that somebody comes or goes: people of three dialects enter and leave rooms at
 * random, are kicked and invited, some rooms being closed. A model knows who is in which room; what
 * each concord client is told must be what changed of whom it sees, once each, and what each mixer
 * client is told, what changed in its room. PRESENCE_STEPS in the environment: how many steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "bridge/client/sight.h"
#include "bridge/core/directory.h"
#include "routes/room/members.h"
#include "tests/support/actors.h"
#include "tests/support/floor.h"

#define STEPS  4000
#define PEOPLE 14
#define ROOMS  5
#define HASTE  8 /* at most so many things at once */
#define OPEN   3 /* the first of them; the others are closed */

static const char config[] =
    "limits: { messages_per_second = 0; };"
    "rooms = ( { name = \"lobby\"; mixer = 1; concord = 1; },"
    " { name = \"attic\"; mixer = 2; concord = 2; }, { name = \"cellar\"; mixer = 3; concord = 3; "
    "},"
    " { name = \"den\"; mixer = 4; concord = 4; open = false; },"
    " { name = \"vault\"; mixer = 5; concord = 5; open = false; } );"
    "listeners = ( { mounts = ( { path = \"/mixer\"; dialect = \"mixer\"; room = \"lobby\"; },"
    " { path = \"/concord\"; dialect = \"concord\"; room = \"lobby\"; },"
    " { path = \"/rooms\"; dialect = \"rooms\"; room = \"lobby\"; } ); } );";

/* One connection; a person has one of each dialect at most. */
struct link {
	struct stage_client *client; /* NULL: none */
	bool in[ROOMS];
	bool new;                 /* came in this step: what it knows of others is what it finds */
	signed char told[PEOPLE]; /* last, of each: 0 nothing, 1 there, -1 gone */
	int heard[PEOPLE];        /* in this step: comings less goings */
	unsigned frames[PEOPLE];
};

enum { WALKER, HEARER, VIEWER, LINKS };

static const size_t dialects[LINKS] = { DIALECT_ROOMS, DIALECT_CONCORD, DIALECT_MIXER };

struct person_model {
	uint32_t number; /* 0: never came */
	bool invited[ROOMS];
	struct link links[LINKS];
};

struct model {
	struct floor floor;
	struct person_model people[PEOPLE];
	bool sees_before[PEOPLE][LINKS][PEOPLE];
	uint32_t random;
	unsigned long step;
};

static uint32_t dice(struct model *m, uint32_t sides)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 17;
	m->random ^= m->random << 5;
	return m->random % sides;
}

static struct room_entry *room_at(const struct model *m, unsigned room)
{
	return room_table_at(m->floor.stage->bridge->rooms, room);
}

/* ---- the model ---- */

static bool is_in(const struct model *m, unsigned p, unsigned room)
{
	for (unsigned l = 0; l < LINKS; l++)
		if (m->people[p].links[l].client && m->people[p].links[l].in[room])
			return true;
	return false;
}

static bool may_enter(const struct model *m, unsigned p, unsigned room)
{
	return room < OPEN || m->people[p].invited[room] || is_in(m, p, room);
}

static bool sees(const struct model *m, const struct link *link, unsigned p)
{
	for (unsigned room = 0; room < ROOMS; room++)
		if (link->in[room] && is_in(m, p, room))
			return true;
	return false;
}

static void remember(struct model *m)
{
	for (unsigned p = 0; p < PEOPLE; p++)
		for (unsigned l = 0; l < LINKS; l++)
			for (unsigned q = 0; q < PEOPLE; q++)
				m->sees_before[p][l][q] = sees(m, &m->people[p].links[l], q);
}

static void link_end(struct link *link)
{
	*link = (struct link){ .client = NULL };
}

/* ---- what they do ---- */

static void name_of(unsigned p, char name[16])
{
	snprintf(name, 16, "person-%c", 'a' + p);
}

static void come(struct model *m, unsigned p, unsigned l)
{
	struct person_model *person = &m->people[p];
	struct link *link = &person->links[l];
	unsigned home = l == VIEWER ? dice(m, ROOMS) : 0;
	char name[16], credential[64];
	struct actor actor = { .credential = credential };
	bool may[ROOMS];

	name_of(p, name);
	for (unsigned room = 0; room < ROOMS; room++)
		may[room] = may_enter(m, p, room);
	if (l == VIEWER) {
		struct stage_client *client;

		snprintf(credential, sizeof(credential), "name=%s", name);
		client = floor_connect(&m->floor, name, DIALECT_MIXER, credential);
		floor_say(client,
			  "{\"type\":\"method\",\"method\":\"auth\",\"arguments\":[%u,%u,\"s\"],"
			  "\"id\":0}",
			  home + 1, GUEST_NUMBER_FIRST + p);
		if (!may[home]) {
			stage_leave(client);
			return;
		}
		link->client = client;
		link->in[home] = true;
	} else {
		snprintf(credential, sizeof(credential), "%s:s", name);
		link->client = actor_join(m->floor.stage, name, dialects[l], &actor);
		assert_non_null(link->client);
		for (unsigned room = 0; room < ROOMS; room++)
			link->in[room] = l == HEARER ? may[room] : room == 0;
	}
	link->new = true;
	/* Who comes back soon, by the same name and secret, is the same person. */
	if (person->number)
		assert_int_equal(link->client->session->peer.self.number, person->number);
	person->number = link->client->session->peer.self.number;
	assert_int_not_equal(person->number, 0);
}

static void come_or_leave(struct model *m, unsigned p)
{
	unsigned l = dice(m, LINKS);
	struct link *link = &m->people[p].links[l];

	if (!link->client) {
		come(m, p, l);
		return;
	}
	stage_leave(link->client);
	link_end(link);
}

static void walk(struct model *m, unsigned p)
{
	struct link *link = &m->people[p].links[WALKER];
	unsigned room = dice(m, ROOMS);
	struct slice id = room_view(room_at(m, room), DIALECT_ROOMS)->room_id;

	if (!link->client)
		return;
	floor_say(link->client, "{\"type\":\"%s\",\"room_id\":\"%.*s\"}",
		  link->in[room] ? "exit" : "enter", (int)id.len, id.data);
	if (link->in[room])
		link->in[room] = false;
	else
		link->in[room] = may_enter(m, p, room);
}

/* A rooms client only leaves the room; the others are closed. */
static void kick(struct model *m, unsigned p)
{
	unsigned room = dice(m, ROOMS);
	struct envelope event = { .kind = KIND_KICK, .subject = { .number = m->people[p].number } };

	if (!is_in(m, p, room))
		return;
	assert_int_equal(stage_bridge_says(m->floor.stage, room_at(m, room), &event), REASON_NONE);
	for (unsigned l = 0; l < LINKS; l++) {
		struct link *link = &m->people[p].links[l];

		if (!link->client || !link->in[room])
			continue;
		if (l == WALKER) {
			link->in[room] = false;
			continue;
		}
		assert_int_equal(link->client->close_code, 1008);
		stage_leave(link->client);
		link_end(link);
	}
}

static void invite(struct model *m, unsigned p)
{
	unsigned room = dice(m, ROOMS);
	struct envelope event = { .kind = KIND_INVITE,
				  .subject = { .number = m->people[p].number } };
	struct link *hearer = &m->people[p].links[HEARER];

	if (!m->people[p].number || dice(m, 4))
		return;
	assert_int_equal(stage_bridge_says(m->floor.stage, room_at(m, room), &event), REASON_NONE);
	m->people[p].invited[room] = room >= OPEN;
	if (hearer->client)
		hearer->in[room] = true;
}

/* ---- what they hear ---- */

static unsigned person_of(const struct model *m, uint32_t number)
{
	for (unsigned p = 0; p < PEOPLE; p++)
		if (m->people[p].number == number)
			return p;
	fail_msg("step %lu: somebody of number %u", m->step, number);
	return 0;
}

static uint32_t number_after(const char *text, const char *mark)
{
	const char *at = strstr(text, mark);

	assert_non_null(at);
	return (uint32_t)strtoul(at + strlen(mark), NULL, 10);
}

static void hear(struct model *m, struct link *link, const char *text, bool there, const char *mark)
{
	unsigned p = person_of(m, number_after(text, mark));

	link->heard[p] += there ? 1 : -1;
	link->frames[p]++;
	if (link->told[p] == (there ? 1 : -1))
		fail_msg("step %lu: is told twice that %u is %s", m->step, p,
			 there ? "there" : "gone");
	link->told[p] = there ? 1 : -1;
}

static void hear_frame(struct model *m, struct link *link, unsigned l, const char *text)
{
	if (l == HEARER && strstr(text, "\"user_status_updated\""))
		hear(m, link, text, strstr(text, "ONLINE") != NULL, "\"userId\":");
	if (l == VIEWER && strstr(text, "\"event\":\"UserJoin\""))
		hear(m, link, text, true, "\"id\":");
	if (l == VIEWER && strstr(text, "\"event\":\"UserLeave\""))
		hear(m, link, text, false, "\"id\":");
}

static void hear_all(struct model *m)
{
	for (unsigned p = 0; p < PEOPLE; p++)
		for (unsigned l = 0; l < LINKS; l++) {
			struct link *link = &m->people[p].links[l];
			struct stage_frame *frame;

			memset(link->heard, 0, sizeof(link->heard));
			memset(link->frames, 0, sizeof(link->frames));
			while (link->client && (frame = stage_next(link->client))) {
				hear_frame(m, link, l, frame->text);
				stage_drop(link->client);
			}
		}
}

/* Of oneself a newcomer may be told; else exactly what changed, in one frame. */
static void check_link(struct model *m, unsigned p, unsigned l)
{
	const struct link *link = &m->people[p].links[l];

	for (unsigned q = 0; q < PEOPLE; q++) {
		bool now = sees(m, link, q);
		int change = link->new ? 0 : (int)now - (int)m->sees_before[p][l][q];

		if (link->new &&q == p && link->frames[q] == 1 && link->heard[q] == 1)
			continue;
		if (link->heard[q] != change || link->frames[q] != (change ? 1U : 0U))
			fail_msg("step %lu: %u, by %s, is told %d of %u in %u frames, not %d",
				 m->step, p, registry_codec(dialects[l])->name, link->heard[q], q,
				 link->frames[q], change);
	}
}

static void check(struct model *m)
{
	hear_all(m);
	for (unsigned p = 0; p < PEOPLE; p++)
		for (unsigned l = HEARER; l < LINKS; l++) {
			if (m->people[p].links[l].client)
				check_link(m, p, l);
			m->people[p].links[l].new = false;
		}
}

/* ---- */

static void (*const deeds[])(struct model *, unsigned) = { come_or_leave, walk, walk,
							   walk,          kick, invite };

static unsigned long steps_wanted(void)
{
	const char *text = getenv("PRESENCE_STEPS");

	return text ? strtoul(text, NULL, 10) : STEPS;
}

static void people_are_told_of_once(void **state)
{
	struct model *m = calloc(1, sizeof(*m));
	unsigned long steps = steps_wanted();

	(void)state;
	floor_open(&m->floor, 4, config);
	m->random = 20261128;
	for (m->step = 0; m->step < steps; m->step++) {
		remember(m);
		deeds[dice(m, sizeof(deeds) / sizeof(deeds[0]))](m, dice(m, PEOPLE));
		check(m);
	}
	floor_close(&m->floor);
	free(m);
}

/* ---- many at once: while mail is under way ---- */

static void hurry_by(struct model *m, unsigned p, unsigned l)
{
	struct person_model *person = &m->people[p];
	struct link *link = &person->links[l];
	char name[16], credential[64];
	struct actor actor = { .credential = credential };

	if (link->client) {
		stage_leave(link->client);
		link_end(link);
		return;
	}
	name_of(p, name);
	snprintf(credential, sizeof(credential), "%s:s", name);
	link->client = actor_join(m->floor.stage, name, dialects[l], &actor);
	assert_non_null(link->client);
	person->number = link->client->session->peer.self.number;
}

static void hurry(struct model *m, unsigned p)
{
	struct room_entry *room = room_at(m, dice(m, ROOMS));
	struct slice id = room_view(room, DIALECT_ROOMS)->room_id;
	struct link *walker = &m->people[p].links[WALKER];
	struct envelope event = { .kind = dice(m, 4) ? KIND_INVITE : KIND_KICK,
				  .subject = { .number = m->people[p].number } };

	switch (dice(m, 4)) {
	case 0: hurry_by(m, p, dice(m, 2) ? WALKER : HEARER); break;
	case 1:
	case 2:
		if (walker->client && walker->client->session)
			floor_say(walker->client, "{\"type\":\"%s\",\"room_id\":\"%.*s\"}",
				  dice(m, 2) ? "exit" : "enter", (int)id.len, id.data);
		break;
	default:
		if (event.subject.number)
			stage_bridge_says(m->floor.stage, room, &event);
	}
}

/* What the rooms themselves say. */
static bool really_sees(const struct session *session, uint32_t number)
{
	for (size_t i = 0; i < session->membership_count; i++)
		if (room_has_person(session->memberships[i].room->room, number))
			return true;
	return false;
}

static void check_told(struct model *m, unsigned p)
{
	struct link *link = &m->people[p].links[HEARER];

	for (unsigned q = 0; link->client && q < PEOPLE; q++) {
		bool there =
		    m->people[q].number && really_sees(link->client->session, m->people[q].number);

		if (link->told[q] && (link->told[q] > 0) != there)
			fail_msg("step %lu: %u was told last that %u is %s", m->step, p, q,
				 there ? "gone" : "there");
	}
}

static void forget_closed(struct model *m)
{
	for (unsigned p = 0; p < PEOPLE; p++)
		for (unsigned l = 0; l < LINKS; l++) {
			struct link *link = &m->people[p].links[l];

			if (!link->client || !link->client->ended)
				continue;
			stage_leave(link->client);
			link_end(link);
		}
}

/* Told by turns that somebody is there and gone, and at last what is so. */
static void nobody_is_mistaken_in_a_hurry(void **state)
{
	struct model *m = calloc(1, sizeof(*m));
	unsigned long steps = steps_wanted() / HASTE;

	(void)state;
	floor_open(&m->floor, 4, config);
	m->random = 20261129;
	for (m->step = 0; m->step < steps; m->step++) {
		floor_hold(&m->floor);
		for (unsigned i = 1 + dice(m, HASTE); i > 0; i--)
			hurry(m, dice(m, PEOPLE));
		floor_go(&m->floor);
		forget_closed(m);
		hear_all(m);
		for (unsigned p = 0; p < PEOPLE; p++)
			check_told(m, p);
	}
	floor_close(&m->floor);
	free(m);
}

#define MANY 20000

/* A reload brings many rooms, and takes as many away, while who looks is in one of others: each
 * look finds that one, and does not go through all of those first. */
static void rooms_of_others_are_in_nobodys_way(void **state)
{
	struct room_entry *others = calloc(MANY, sizeof(*others));
	const uint32_t number = 77;
	struct floor floor;
	struct stage_client *cy;
	clock_t began;

	(void)state;
	floor_open(&floor, 1, NULL);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	sight_learn(cy->worker, cy->session->memberships[0].room, &number, 1);
	for (size_t i = 0; i < MANY; i++) {
		others[i].index = i + 1;
		sight_join(cy->worker, &others[i]);
		sight_arrive(cy->worker);
		sight_learn(cy->worker, &others[i], &number, 1);
	}
	began = clock();
	for (size_t i = 0; i < MANY; i++)
		assert_true(sight_elsewhere(cy->session, &others[i], number));
	assert_in_range(clock() - began, 0, CLOCKS_PER_SEC / 4);
	for (size_t i = 0; i < MANY; i++)
		sight_part(cy->worker, &others[i], true);
	assert_false(sight_elsewhere(cy->session, cy->session->memberships[0].room, number));
	free(others);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rooms_of_others_are_in_nobodys_way),
		cmocka_unit_test(people_are_told_of_once),
		cmocka_unit_test(nobody_is_mistaken_in_a_hurry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
