#include "bridge/kept.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/admin/control/stored/kept_bans.h"
#include "bridge/admin/control/stored/room_settings.h"
#include "bridge/core/directory.h"
#include "bridge/core/log/log.h"
#include "bridge/durable/made_rooms.h"
#include "bridge/durable/roster.h"
#include "bridge/durable/store.h"
#include "bridge/logins/issue.h"
#include "bridge/logins/tokens.h"
#include "bridge/store/lasting/keeping.h"
#include "bridge/upstream/upstream.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

/* Numbers of guests that may be given before the next mark has to be stored; so many are lost by a
 * crash. Each second there is time for the next. */
#define GUESTS_AHEAD UINT32_C(262144)
#define GUEST_NUMBER "guest_next"

#define SEEN_AGAIN_MS UINT64_C(60000) /* an account that comes often is stored so often */

/* ---- taking over ---- */

struct taking {
	struct bridge *bridge;
	struct room_time now;
	size_t bans_lost;
};

static void take_person(void *context, const struct lasting_person *person)
{
	struct bridge *bridge = ((struct taking *)context)->bridge;
	char name[4 * NAME_BYTES_MAX + 1];

	if (!roster_add(bridge->roster, person))
		log_line(LOG_ERROR,
			 "the stored account \"%s\" (number %u) has another one's name or number, "
			 "and is left out",
			 text_escape(slice_of(person->name), name, sizeof(name)), person->number);
}

static void take_ban(void *context, const struct lasting_ban *kept)
{
	struct taking *taking = context;
	struct ban ban;

	if (ban_restore(kept, taking->now, &ban) &&
	    !bans_add(taking->bridge->bans, &ban, taking->now.steady_ms))
		taking->bans_lost++;
}

static void take_room(void *context, struct slice settings)
{
	struct made_rooms *rooms = context;
	char name[LASTING_ROOM_MAX];
	struct conf_made made;

	if (room_settings_read(settings, &made, name))
		made_rooms_add(rooms, &made);
	else
		log_line(LOG_ERROR, "the settings of a stored room make no sense: it is left out");
}

static bool rooms_take_over(struct database *database, struct made_rooms *rooms, FILE *errors)
{
	struct lasting_sink sink = { .context = rooms, .room = take_room };

	return keeping_read(database, &sink, errors);
}

static void join_directory(struct bridge *bridge)
{
	struct roster *roster = bridge->roster;
	size_t count;

	free(roster_plan(roster, bridge->conf, NULL, &count));
	for (struct roster_entry *entry = NULL; (entry = roster_next(roster, entry));) {
		struct account account = roster_account(entry);

		if (!entry->to_shadow)
			entry->barred = !directory_add_account(bridge->directory, &account);
	}
	roster_follow(roster);
}

struct taking_tokens {
	struct tokens *tokens;
	struct token_row *gone; /* owned: the oldest of who had more than may be */
	size_t gone_count, lost;
};

/* The oldest come first. */
static void take_token(void *context, const struct token_row *row)
{
	struct taking_tokens *taking = context;
	struct token_row was;
	bool gone;

	taking->lost += !tokens_add(taking->tokens, row, false, &gone, &was);
	if (!gone)
		return;
	taking->gone =
	    memory_resize(taking->gone, (taking->gone_count + 1) * sizeof(*taking->gone));
	taking->gone[taking->gone_count++] = was;
}

/* Else they would hold again once the others are revoked. */
static bool tokens_revoke(struct database *database, const struct taking_tokens *taking)
{
	size_t at = 0;
	bool done = database_begin(database);

	while (done && at < taking->gone_count) {
		struct token_keeping keeping = { .adds = false };

		while (at < taking->gone_count && keeping.gone_count < TOKENS_GONE_MAX)
			memcpy(keeping.gone[keeping.gone_count++], taking->gone[at++].hash,
			       TOKEN_ROW_HASH);
		done = database_tokens_keep(database, &keeping);
	}
	if (done && database_commit(database))
		return true;
	database_rollback(database);
	return false;
}

static bool tokens_take_over(struct bridge *bridge, struct database *database, FILE *errors)
{
	struct taking_tokens taking = { .tokens = bridge->tokens };
	bool taken = keeping_read_tokens(database, take_token, &taking, errors);

	if (taken && taking.gone_count > 0) {
		taken = tokens_revoke(database, &taking);
		if (taken)
			log_line(LOG_WARNING,
				 "%zu stored tokens of people who had more than per_person of "
				 "tokens are revoked, the oldest",
				 taking.gone_count);
		else
			fprintf(errors, "dragoman: %s: tokens cannot be revoked: %s\n",
				database_path(database), database_fault_text(database));
	}
	if (taking.lost > 0)
		log_line(LOG_ERROR,
			 "%zu stored tokens do not hold, nor can they be revoked: count of tokens "
			 "has to be larger",
			 taking.lost);
	free(taking.gone);
	return taken;
}

static bool take_over(struct bridge *bridge, struct database *database, struct room_time now,
		      FILE *errors)
{
	struct taking taking = { .bridge = bridge, .now = now };
	struct lasting_sink sink = { .context = &taking, .person = take_person, .ban = take_ban };
	uint64_t next;

	if (!keeping_read(database, &sink, errors) || !tokens_take_over(bridge, database, errors) ||
	    !rooms_take_over(database, bridge->made_rooms, errors))
		return false;
	if (taking.bans_lost > 0)
		log_line(LOG_ERROR, "%zu stored bans are too many, and left out", taking.bans_lost);
	next = database_number(database, ROSTER_NUMBER_NEXT);
	if (next > ROSTER_NUMBER_FIRST && next <= GUEST_NUMBER_FIRST)
		bridge->roster->next = (uint32_t)next;
	join_directory(bridge);
	return true;
}

/* Before anybody is given one. */
static bool guests_open(struct bridge *bridge, struct database *database, FILE *errors)
{
	uint64_t first = database_number(database, GUEST_NUMBER);

	if (first < GUEST_NUMBER_FIRST || first >= BRIDGE_NUMBER)
		first = GUEST_NUMBER_FIRST;
	directory_start_guests(bridge->directory, (uint32_t)first);
	bridge->roster->guests_end = (uint32_t)first + GUESTS_AHEAD;
	if (database_begin(database) &&
	    database_number_set(database, GUEST_NUMBER, bridge->roster->guests_end) &&
	    database_commit(database))
		return true;
	database_rollback(database);
	fprintf(errors, "dragoman: numbers of guests cannot be reserved in %s: %s\n",
		bridge->conf->state, database_fault_text(database));
	return false;
}

bool kept_rooms(struct conf *conf, FILE *errors)
{
	struct made_rooms *rooms;
	struct database *database;
	bool taken;

	if (!conf->state[0] || strcmp(conf->storage.engine, CONF_MEMORY) == 0)
		return true;
	database = database_open(conf->state, DURABLE_COMMIT, errors);
	if (!database)
		return false;
	rooms = made_rooms_new();
	taken = rooms_take_over(database, rooms, errors);
	if (taken)
		made_rooms_join(rooms, conf);
	made_rooms_free(rooms);
	database_close(database);
	return taken;
}

bool kept_open(struct bridge *bridge, struct room_time now, FILE *errors)
{
	struct database *database;
	bool opened;

	if (!bridge->store)
		return true;
	keeping_begin(bridge);
	database = database_open(bridge->conf->state, DURABLE_COMMIT, errors);
	opened = database && take_over(bridge, database, now, errors) &&
		 guests_open(bridge, database, errors);
	database_close(database);
	if (opened)
		upstreams_load(bridge);
	return opened;
}

struct database *kept_open_alone(struct bridge *bridge, struct room_time now, FILE *errors)
{
	struct database *database = keeping_open_alone(bridge, errors);

	if (!database || take_over(bridge, database, now, errors))
		return database;
	keeping_close_alone(bridge, database);
	return NULL;
}

void kept_close_alone(struct bridge *bridge, struct database *database)
{
	keeping_close_alone(bridge, database);
}

/* ---- numbers of guests ---- */

static void guests_kept(struct lasting *lasting)
{
	struct roster *roster = lasting->owner;

	roster->guests_under_way = false;
	if (!lasting->failed)
		roster->guests_end = (uint32_t)lasting->value;
	if (lasting->failed && !roster->guests_unstored)
		log_line(LOG_ERROR,
			 "numbers of guests cannot be reserved: some may repeat after a restart");
	else if (!lasting->failed && roster->guests_unstored)
		log_line(LOG_INFO, "numbers of guests are reserved again");
	roster->guests_unstored = lasting->failed;
}

static void guests_store(struct bridge *bridge, uint32_t end)
{
	struct lasting *lasting = lasting_new(LASTING_NUMBER);

	lasting->number = GUEST_NUMBER;
	lasting->value = end;
	lasting->owner = bridge->roster;
	lasting->hear = guests_kept;
	bridge->roster->guests_under_way = true;
	bridge->store->keep(bridge, lasting);
}

/* They come round: the next may be far below the end. */
static void guests_reserve(struct bridge *bridge)
{
	uint32_t next = directory_next_guest(bridge->directory);
	uint32_t left = bridge->roster->guests_end - next;

	if (!bridge->roster->guests_under_way && (left < GUESTS_AHEAD / 2 || left > GUESTS_AHEAD))
		guests_store(bridge, next + GUESTS_AHEAD);
}

/* ---- when accounts logged in ---- */

static bool is_due(const struct roster_entry *entry, uint64_t wall_ms)
{
	return entry && !entry->coming &&
	       (wall_ms < entry->person.seen_ms || wall_ms - entry->person.seen_ms > SEEN_AGAIN_MS);
}

static void seen_store(struct bridge *bridge, uint64_t wall_ms)
{
	struct lasting *lasting = NULL;
	uint32_t *numbers;
	size_t count = directory_take_seen(bridge->directory, &numbers);

	for (size_t i = 0; i < count; i++) {
		struct roster_entry *entry = roster_find_number(bridge->roster, numbers[i]);

		if (!is_due(entry, wall_ms))
			continue;
		if (!lasting)
			lasting = lasting_new(LASTING_SEEN);
		entry->person.seen_ms = wall_ms;
		lasting->seen[lasting->seen_count++] = (struct lasting_seen){ numbers[i], wall_ms };
		if (lasting->seen_count < LASTING_SEEN_MAX)
			continue;
		bridge->store->keep(bridge, lasting);
		lasting = NULL;
	}
	if (lasting)
		bridge->store->keep(bridge, lasting);
	free(numbers);
}

void kept_tick(struct bridge *bridge, uint64_t wall_ms)
{
	issue_tick(bridge, wall_ms);
	if (!bridge->store)
		return;
	guests_reserve(bridge);
	seen_store(bridge, wall_ms);
}

/* Where it could not even start, nobody stores anything. */
void kept_end(struct bridge *bridge, uint64_t wall_ms)
{
	if (!bridge->store || atomic_load(&bridge->phase) < BRIDGE_SERVING)
		return;
	seen_store(bridge, wall_ms);
	guests_store(bridge, directory_next_guest(bridge->directory));
}
