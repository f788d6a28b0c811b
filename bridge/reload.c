#include "bridge/reload.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/accounts.h"
#include "bridge/core/directory.h"
#include "bridge/core/log.h"
#include "bridge/core/news.h"
#include "bridge/core/worker.h"
#include "bridge/known.h"
#include "bridge/rooms.h"
#include "bridge/rules.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"
#include "conf/load.h"
#include "conf/table/differ.h"

#define NAMES_SHOWN 8
#define TOLD_BYTES  4096

/* How often every worker has to have swept, after the last that still named a removed room, until
 * the room is freed: what is in the mail brings up other mail three times in a row at most. */
#define QUIET_SWEEPS 6

/* A room whose names become others when all workers have taken the table that finds it by them. */
struct renaming {
	struct room_entry *room;
	struct room_names *names;
};

struct reload {
	const char *file;  /* of the last reload */
	bool again;        /* it was asked for while one was under way */
	unsigned untaken;  /* workers that have not taken the news */
	unsigned unswept;  /* workers that have not answered the last sweep */
	bool clean;        /* all that have answered it had nothing left */
	struct conf *conf; /* that holds now; NULL: the one the server began with */
	struct news *news; /* on its way; held */
	struct renaming *renamings;
	size_t renaming_count;
	struct room_entry **removed; /* not freed yet */
	size_t removed_count;
	char told[TOLD_BYTES]; /* what is logged when all have taken it */
};

static struct reload *reload_of(struct bridge *bridge)
{
	if (!bridge->reload)
		bridge->reload = memory_zeroed(1, sizeof(*bridge->reload));
	return bridge->reload;
}

/* ---- a plan: all that can be wrong is found before anything is done ---- */

/* A room as it is to be. */
struct planned {
	struct room_entry *room;
	const struct conf_room *conf;
	struct room_names *names; /* new ones; NULL: they stay */
	bool added, changed;
};

struct plan {
	struct bridge *bridge;
	struct conf *conf;
	struct room_table *table;
	const struct route_table *rules;
	struct planned *rooms; /* as in conf */
	size_t room_count;
	struct account *accounts; /* as in conf; NULL: not read */
	FILE *errors;
};

static const char *file_of(const struct plan *plan, const struct conf_place *place)
{
	return place && place->file ? place->file : plan->conf->file;
}

static void fault(const struct plan *plan, const struct conf_place *place, const char *text,
		  const char *name)
{
	fprintf(plan->errors, "%s:%u: error: ", file_of(plan, place),
		place && place->line ? place->line : 1);
	fprintf(plan->errors, text, name);
	fputc('\n', plan->errors);
}

/* What rules name by place must be in the same place in the server that runs. */
static bool same_places(const struct conf *old, const struct conf *new)
{
	if (old->backend_count != new->backend_count || old->tap_count != new->tap_count)
		return false;
	for (size_t i = 0; i < old->backend_count; i++)
		if (strcmp(old->backends[i].name, new->backends[i].name) != 0)
			return false;
	for (size_t i = 0; i < old->tap_count; i++)
		if (strcmp(old->taps[i].name, new->taps[i].name) != 0)
			return false;
	return true;
}

/* Where the new file speaks of the mount of that path; NULL: nowhere. */
static const struct conf_place *mount_place(const struct conf *conf, const char *path)
{
	for (size_t l = 0; l < conf->listener_count; l++)
		for (size_t m = 0; m < conf->listeners[l].mount_count; m++)
			if (strcmp(conf->listeners[l].mounts[m].path, path) == 0)
				return &conf->listeners[l].mounts[m].place;
	return NULL;
}

/* Mounts stay as they are until a restart, and so must their rooms. */
static bool mounts_have_rooms(const struct plan *plan)
{
	const struct bridge *bridge = plan->bridge;
	bool all = true;

	for (size_t l = 0; l < bridge->listener_count; l++)
		for (size_t m = 0; m < bridge->listeners[l].mount_count; m++) {
			const struct mount *mount = &bridge->listeners[l].mounts[m];

			if (room_table_find(plan->table, mount->room->rules.name))
				continue;
			all = false;
			fault(plan, mount_place(plan->conf, mount->path),
			      "room \"%s\" cannot be removed without a restart: a mount names it",
			      mount->room->rules.name.data);
		}
	return all;
}

static bool plan_room(struct plan *plan, const struct conf_room *conf)
{
	struct planned *planned = &plan->rooms[plan->room_count++];
	struct room_entry *room = room_table_find(plan->bridge->rooms, slice_of(conf->name));
	struct room_entry *taken;
	size_t dialect;

	*planned = (struct planned){ .room = room, .conf = conf, .added = !room };
	if (planned->added)
		planned->room = room = rooms_add(plan->bridge, conf);
	else
		planned->changed = !conf_same_room(plan->conf->known, room->conf, conf);
	if (planned->added || rooms_renamed(room->conf, conf))
		planned->names = rooms_names(plan->bridge, room, conf);
	if (room_table_add(plan->table, room,
			   planned->names ? planned->names : atomic_load(&room->names), &taken,
			   &dialect))
		return true;
	rooms_tell_taken(room, taken, dialect, file_of(plan, &conf->place), conf->place.line,
			 plan->errors);
	return false;
}

static bool plan_rooms(struct plan *plan)
{
	bool right = true;

	plan->rooms = memory_zeroed(plan->conf->room_count, sizeof(*plan->rooms));
	plan->table = room_table_new(plan->conf->room_count);
	for (size_t i = 0; i < plan->conf->room_count; i++)
		right &= plan_room(plan, &plan->conf->rooms[i]);
	return right && mounts_have_rooms(plan);
}

static bool plan_accounts(struct plan *plan)
{
	const struct conf *conf = plan->conf;
	size_t wrong;

	if (!accounts_read(conf, &plan->accounts, plan->errors)) {
		plan->accounts = NULL;
		return false;
	}
	if (directory_fits(plan->bridge->directory, plan->accounts, conf->account_count, &wrong))
		return true;
	fault(plan, &conf->accounts[wrong].place, "account \"%s\": the name or number is taken",
	      conf->accounts[wrong].name);
	return false;
}

static bool plan_make(struct plan *plan, const char *file)
{
	struct conf_printer printer;

	conf_printer_init(&printer, plan->errors);
	plan->conf = conf_load(file, known_names(), &printer.report);
	if (!plan->conf)
		return false;
	if (!same_places(plan->bridge->conf, plan->conf)) {
		fault(plan, NULL,
		      "backends and taps cannot come, go or change places without a restart%s", "");
		return false;
	}
	if (!plan_rooms(plan) || !plan_accounts(plan))
		return false;
	plan->rules = rules_make(plan->conf, plan->table, plan->errors);
	return plan->rules != NULL;
}

/* Frees the plan; of one that is not carried out, what it made, too. */
static void plan_drop(struct plan *plan)
{
	room_table_release(plan->table);
	for (size_t i = 0; i < plan->room_count; i++) {
		room_names_free(plan->rooms[i].names);
		if (plan->rooms[i].added)
			rooms_remove(plan->bridge, plan->rooms[i].room);
	}
	conf_free(plan->conf);
}

static void plan_end(struct plan *plan)
{
	if (plan->accounts)
		accounts_free(plan->accounts, plan->conf->account_count);
	if (!plan->rules)
		plan_drop(plan);
	free(plan->rooms);
}

/* ---- what it does, in words ---- */

static void say(struct reload *reload, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct reload *reload, const char *format, ...)
{
	size_t len = strlen(reload->told);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reload->told + len, sizeof(reload->told) - len, format, arguments);
	va_end(arguments);
}

/* Names that something was done to. */
struct named {
	const char *names[NAMES_SHOWN];
	size_t count;
};

static void named_add(struct named *named, const char *name)
{
	if (named->count < NAMES_SHOWN)
		named->names[named->count] = name;
	named->count++;
}

/* "2 rooms added (a, b), "; the first of a kind says what they are. */
static void named_say(struct reload *reload, const struct named *named, const char *what,
		      const char *done, bool *begun)
{
	if (named->count == 0)
		return;
	say(reload, "%s%zu %s%s%s%s (", *begun ? ", " : "", named->count, *begun ? "" : what,
	    !*begun && named->count > 1 ? "s" : "", *begun ? "" : " ", done);
	for (size_t i = 0; i < named->count && i < NAMES_SHOWN; i++)
		say(reload, "%s%s", i ? ", " : "", named->names[i]);
	if (named->count > NAMES_SHOWN)
		say(reload, " and %zu more", named->count - NAMES_SHOWN);
	say(reload, ")");
	*begun = true;
}

static void say_all(struct reload *reload, const char *what, const struct named *added,
		    const struct named *changed, const struct named *removed)
{
	bool begun = false;

	named_say(reload, added, what, "added", &begun);
	named_say(reload, changed, what, "changed", &begun);
	named_say(reload, removed, what, "removed", &begun);
	if (begun)
		say(reload, "; ");
}

static void say_rooms(struct reload *reload, const struct plan *plan, const struct news *news)
{
	struct named added = { .count = 0 }, changed = { .count = 0 }, removed = { .count = 0 };

	for (size_t i = 0; i < plan->room_count; i++)
		if (plan->rooms[i].added)
			named_add(&added, plan->rooms[i].conf->name);
		else if (plan->rooms[i].changed)
			named_add(&changed, plan->rooms[i].conf->name);
	for (size_t i = 0; i < news->removed_count; i++)
		named_add(&removed, news->removed[i]->rules.name.data);
	say_all(reload, "room", &added, &changed, &removed);
}

static void say_accounts(struct reload *reload, const struct plan *plan,
			 const struct people_change *change)
{
	struct named added = { .count = 0 }, changed = { .count = 0 }, removed = { .count = 0 };

	for (size_t i = 0; i < plan->conf->account_count; i++)
		if (plan->accounts[i].what == ACCOUNT_NEW)
			named_add(&added, plan->accounts[i].name);
		else if (plan->accounts[i].what == ACCOUNT_CHANGED)
			named_add(&changed, plan->accounts[i].name);
	for (size_t i = 0; i < change->removed_count; i++)
		named_add(&removed, change->removed[i]);
	say_all(reload, "account", &added, &changed, &removed);
}

/* ---- carrying it out ---- */

static void tell_differs(void *context, const char *directive)
{
	(void)context;
	log_line(LOG_WARNING, "%s: changed, but that needs a restart", directive);
}

/* Rooms of the table that holds until now and are not in the next one. */
static void rooms_go(struct reload *reload, struct bridge *bridge, const struct room_table *next,
		     struct news *news)
{
	for (size_t i = 0; i < room_table_count(bridge->rooms); i++) {
		struct room_entry *room = room_table_at(bridge->rooms, i);

		if (room_table_find(next, room->rules.name))
			continue;
		atomic_store(&room->removed, true);
		news->removed[news->removed_count++] = room;
	}
	if (news->removed_count == 0)
		return;
	reload->removed =
	    memory_resize(reload->removed,
			  (reload->removed_count + news->removed_count) * sizeof(*reload->removed));
	memcpy(reload->removed + reload->removed_count, news->removed,
	       news->removed_count * sizeof(*reload->removed));
	reload->removed_count += news->removed_count;
}

static void room_comes(struct reload *reload, struct bridge *bridge, struct planned *planned,
		       struct news *news)
{
	struct news_change *change;

	if (planned->added) {
		room_entry_name(planned->room, planned->names);
		rooms_open(bridge, planned->room);
	} else if (planned->names) {
		reload->renamings[reload->renaming_count++] =
		    (struct renaming){ planned->room, planned->names };
	}
	if (planned->changed) {
		change = &news->changed[news->changed_count++];
		change->room = planned->room;
		change->lists = rooms_rules(planned->conf, &change->rules);
	}
	if (planned->added || planned->changed)
		news->opened[news->opened_count++] = planned->room;
	planned->room->conf = planned->conf;
}

static void people_go(struct reload *reload, struct plan *plan, struct news *news)
{
	struct people_change change;

	directory_change(plan->bridge->directory, plan->accounts, plan->conf->account_count,
			 &change);
	say_accounts(reload, plan, &change);
	news->gone = change.gone;
	news->gone_count = change.gone_count;
	change.gone = NULL;
	people_change_clear(&change);
}

static void hand_out(struct bridge *bridge, struct news *news)
{
	for (unsigned w = 0; w < bridge->worker_count; w++) {
		struct post_news *post = post_new(POST_NEWS);

		post->news = news_hold(news);
		mailbox_post(&bridge->workers[w]->box, &post->post);
	}
}

/* The configuration that held stays until nobody borrows from it. */
static void conf_replace(struct reload *reload, struct bridge *bridge, struct conf *conf)
{
	conf_differ(bridge->conf, conf, tell_differs, NULL);
	log_set_level(log_level_find(conf->log_level));
	conf_free(reload->conf);
	reload->conf = conf;
}

static void carry_out(struct reload *reload, struct plan *plan)
{
	struct bridge *bridge = plan->bridge;
	struct news *news =
	    news_new(plan->table, plan->rules, plan->room_count + room_table_count(bridge->rooms));

	reload->told[0] = '\0';
	say(reload, "reloaded: ");
	reload->renamings = memory_zeroed(plan->room_count, sizeof(*reload->renamings));
	rooms_go(reload, bridge, plan->table, news);
	for (size_t i = 0; i < plan->room_count; i++)
		room_comes(reload, bridge, &plan->rooms[i], news);
	say_rooms(reload, plan, news);
	people_go(reload, plan, news);
	say(reload, "%zu routes", route_table_count(plan->rules));
	room_table_release(bridge->rooms);
	bridge->rooms = plan->table;
	route_table_release(bridge->rules);
	bridge->rules = plan->rules;
	conf_replace(reload, bridge, plan->conf);
	reload->news = news;
	reload->untaken = bridge->worker_count;
	hand_out(bridge, news);
}

bool reload(struct bridge *bridge, const char *file, FILE *errors)
{
	struct reload *reload = reload_of(bridge);
	struct plan plan = { .bridge = bridge, .errors = errors };
	bool right;

	reload->file = file;
	if (reload->untaken > 0) {
		reload->again = true;
		return true;
	}
	right = plan_make(&plan, file);
	if (right)
		carry_out(reload, &plan);
	else
		log_line(LOG_WARNING,
			 "not reloaded: the configuration is wrong, the old one stays");
	plan_end(&plan);
	return right;
}

/* ---- sweeping ----
 *
 * Who may still mean a removed room: sessions, until they have left it; drafts that wait, and rules
 * older than the newest; what waits for backends; frames on their way that its ledger counts; and
 * mail. Workers look for all but mail when they sweep. A sweep is answered when a worker has sent
 * all mail that was brought up until then: so with each one that all have answered, mail that was
 * under way before it has been handled. */

bool reload_sweeps(const struct bridge *bridge)
{
	return bridge->reload && bridge->reload->removed_count > 0;
}

void reload_sweep(struct bridge *bridge)
{
	struct reload *reload = bridge->reload;

	if (!reload_sweeps(bridge) || reload->untaken > 0 || reload->unswept > 0)
		return;
	reload->unswept = bridge->worker_count;
	reload->clean = true;
	for (unsigned w = 0; w < bridge->worker_count; w++)
		mailbox_post(&bridge->workers[w]->box, post_new(POST_SWEEP));
}

/* Those that were not named for long enough are freed. Returns whether others come nearer to it. */
static bool sweep_rooms(struct bridge *bridge)
{
	struct reload *reload = bridge->reload;
	bool nearer = false;
	size_t kept = 0;

	for (size_t i = 0; i < reload->removed_count; i++) {
		struct room_entry *room = reload->removed[i];

		if (!reload->clean || atomic_load_explicit(&room->items, memory_order_acquire) > 0)
			room->quiet = 0;
		else
			nearer = ++room->quiet < QUIET_SWEEPS || nearer;
		if (room->quiet < QUIET_SWEEPS)
			reload->removed[kept++] = room;
		else
			rooms_remove(bridge, room);
	}
	reload->removed_count = kept;
	return nearer;
}

static void swept(struct bridge *bridge, const struct post_swept *post)
{
	struct reload *reload = bridge->reload;

	reload->clean &= post->clean;
	if (--reload->unswept > 0)
		return;
	if (sweep_rooms(bridge))
		reload_sweep(bridge);
}

/* ---- answers ---- */

static void rename_rooms(struct reload *reload)
{
	for (size_t i = 0; i < reload->renaming_count; i++)
		room_entry_name(reload->renamings[i].room, reload->renamings[i].names);
	free(reload->renamings);
	reload->renamings = NULL;
	reload->renaming_count = 0;
}

static void taken(struct bridge *bridge)
{
	struct reload *before = bridge->reload;

	if (--before->untaken > 0)
		return;
	rename_rooms(before);
	news_release(before->news);
	before->news = NULL;
	log_line(LOG_INFO, "%s", before->told);
	if (before->again) {
		before->again = false;
		reload(bridge, before->file, stderr);
	}
	reload_sweep(bridge);
}

bool reload_post(struct bridge *bridge, const struct post *post)
{
	if (post->kind == POST_TAKEN)
		taken(bridge);
	else if (post->kind == POST_SWEPT)
		swept(bridge, (const struct post_swept *)post);
	return post->kind == POST_TAKEN || post->kind == POST_SWEPT;
}

void reload_end(struct bridge *bridge)
{
	struct reload *reload = bridge->reload;

	if (!reload)
		return;
	rename_rooms(reload);
	news_release(reload->news);
	free(reload->removed);
	conf_free(reload->conf);
	free(reload);
	bridge->reload = NULL;
}
