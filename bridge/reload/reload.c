#include "bridge/reload/reload.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/core/directory.h"
#include "bridge/core/log/log.h"
#include "bridge/core/log/log_stream.h"
#include "bridge/core/news.h"
#include "bridge/core/worker.h"
#include "bridge/durable/roster.h"
#include "bridge/durable/store.h"
#include "bridge/net/loop.h"
#include "bridge/reload/plan.h"
#include "bridge/reload/sweep.h"
#include "bridge/rooms.h"
#include "bridge/secrets/checker.h"
#include "bridge/service/notify.h"
#include "bridge/warnings.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"
#include "conf/load.h"
#include "conf/table/differ.h"

#define NAMES_SHOWN 8
#define TOLD_BYTES  4096

/* A room whose names become others when all workers have taken the table that finds it by them. */
struct renaming {
	struct room_entry *room;
	struct room_names *names;
};

struct reload {
	const char *file;   /* of the last reload */
	bool again;         /* it was asked for while one was under way */
	bool partial;       /* what is under way is not of a file: one room */
	unsigned untaken;   /* workers that have not taken the news */
	struct conf *conf;  /* that holds now; NULL: the one the server began with */
	struct conf **made; /* rooms made since, each alone */
	size_t made_count;
	struct news *news; /* on its way; held */
	struct renaming *renamings;
	size_t renaming_count;
	struct sweep sweep; /* of removed rooms */
	FILE *restarts;     /* while one is carried out: what needs a restart, */
	char *restart_text; /* line by line */
	size_t restart_len;
	char told[TOLD_BYTES]; /* what is logged when all have taken it */
};

static struct reload *reload_of(struct bridge *bridge)
{
	if (!bridge->reload)
		bridge->reload = memory_zeroed(1, sizeof(*bridge->reload));
	return bridge->reload;
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

/* ---- what came of it ---- */

static FILE *text_stream(char **text, size_t *len)
{
	FILE *stream;

	*text = NULL;
	*len = 0;
	stream = open_memstream(text, len);
	if (!stream)
		abort();
	return stream;
}

/* One is over. Takes text. */
static void ended(struct bridge *bridge, bool taken, char *text)
{
	struct reloads *reloads = &bridge->reloads;

	free(reloads->before.text);
	reloads->before = reloads->last;
	reloads->last = (struct reload_outcome){ clock_wall_ms(), taken, text };
	reloads->ended++;
}

static char *summary(const struct reload *reload)
{
	size_t len;
	char *text;
	FILE *stream = text_stream(&text, &len);

	fprintf(stream, "%s\n%s", reload->told, reload->restart_text);
	fclose(stream);
	return text;
}

/* ---- carrying it out ---- */

static void tell_differs(void *context, const char *directive)
{
	struct reload *reload = context;

	fprintf(reload->restarts, "%s: changed, but that needs a restart\n", directive);
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
	sweep_add(&reload->sweep, news->removed, news->removed_count);
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
		change->lists = rooms_rules(&bridge->limits, planned->conf, &change->rules);
	}
	if (planned->added || planned->changed)
		news->opened[news->opened_count++] = planned->room;
	atomic_store(&planned->room->metrics, planned->conf->metrics);
	planned->room->conf = planned->conf;
	if (bridge->store)
		bridge->store->retain(bridge->store, planned->room);
}

static void people_go(struct reload *reload, struct plan *plan, struct news *news)
{
	struct people_change change;

	directory_change(plan->bridge->directory, plan->accounts, plan->account_count, &change);
	roster_follow(plan->bridge->roster);
	checker_forget(plan->bridge->checker);
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

static void made_free(struct reload *reload)
{
	for (size_t i = 0; i < reload->made_count; i++)
		conf_free(reload->made[i]);
	free(reload->made);
	reload->made = NULL;
	reload->made_count = 0;
}

/* The configuration that held stays until nobody borrows from it. */
static void conf_replace(struct reload *reload, struct bridge *bridge, struct conf *conf)
{
	free(reload->restart_text);
	reload->restarts = text_stream(&reload->restart_text, &reload->restart_len);
	conf_differ(bridge->conf, conf, tell_differs, reload);
	fclose(reload->restarts);
	log_set_level(log_level_find(conf->log_level));
	log_set_format(log_format_find(conf->log_format));
	warnings_log(conf);
	conf_free(reload->conf);
	reload->conf = conf;
	made_free(reload);
}

/* Every worker takes it. */
static void begin(struct reload *reload, struct bridge *bridge, struct news *news)
{
	reload->news = news;
	reload->untaken = bridge->worker_count;
	hand_out(bridge, news);
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
	reload->partial = false;
	begin(reload, bridge, news);
}

static void not_reloaded(void)
{
	log_event(LOG_WARNING, &(struct log_fields){ .event = "reload_refused" },
		  "not reloaded: the configuration is invalid, the old one stays");
	notify_ready("running with an old configuration: the last reload found errors");
}

bool reload(struct bridge *bridge, const char *file, FILE *errors)
{
	struct reload *reload = reload_of(bridge);
	struct plan plan = { .bridge = bridge };
	size_t len;
	char *wrong;
	bool right;

	reload->file = file;
	if (reload->untaken > 0) {
		reload->again = true;
		return true;
	}
	bridge->reloads.begun++;
	plan.errors = text_stream(&wrong, &len);
	notify_reloading();
	right = plan_make(&plan, file);
	fclose(plan.errors);
	fputs(wrong, errors);
	if (right)
		carry_out(reload, &plan);
	else
		not_reloaded();
	plan.errors = NULL;
	plan_end(&plan);
	if (right)
		free(wrong);
	else
		ended(bridge, false, wrong);
	return right;
}

/* ---- one room ---- */

bool reload_busy(const struct bridge *bridge)
{
	return bridge->reload && bridge->reload->untaken > 0;
}

/* All rooms but one (NULL: all), with room for another. Returns new. */
static struct room_table *table_without(const struct bridge *bridge, const struct room_entry *room)
{
	size_t count = room_table_count(bridge->rooms), dialect;
	struct room_table *table = room_table_new(count + 1);
	struct room_entry *taken;

	for (size_t i = 0; i < count; i++) {
		struct room_entry *other = room_table_at(bridge->rooms, i);

		if (other != room &&
		    !room_table_add(table, other, atomic_load(&other->names), &taken, &dialect))
			abort();
	}
	return table;
}

static struct news *replace_table(struct bridge *bridge, struct room_table *table)
{
	struct news *news = news_new(table, bridge->rules, 1);

	room_table_release(bridge->rooms);
	bridge->rooms = table;
	reload_of(bridge)->partial = true;
	return news;
}

static void keep_made(struct reload *reload, struct conf *made)
{
	reload->made =
	    memory_resize(reload->made, (reload->made_count + 1) * sizeof(struct conf *));
	reload->made[reload->made_count++] = made;
}

/* Returns new. */
static char *why_taken(const struct room_entry *room, const struct room_entry *taken,
		       size_t dialect)
{
	size_t len;
	char *why;
	FILE *stream = text_stream(&why, &len);

	if (dialect < DIALECTS_MAX)
		fprintf(stream, "room \"%s\" has the %s id that \"%s\" would have", taken->name,
			registry_codec(dialect)->name, room->name);
	else
		fprintf(stream, "there is a room \"%s\"", taken->name);
	fclose(stream);
	return why;
}

char *reload_add_room(struct bridge *bridge, struct conf *made)
{
	struct room_table *table = table_without(bridge, NULL);
	struct room_entry *room = rooms_add(bridge, &made->rooms[0]), *taken;
	struct news *news;
	size_t dialect;
	char *why;

	room_entry_name(room, rooms_names(bridge, room, &made->rooms[0]));
	if (!room_table_add(table, room, atomic_load(&room->names), &taken, &dialect)) {
		why = why_taken(room, taken, dialect);
		room_table_release(table);
		rooms_remove(bridge, room);
		conf_free(made);
		return why;
	}
	rooms_open(bridge, room);
	if (bridge->store)
		bridge->store->retain(bridge->store, room);
	news = replace_table(bridge, table);
	news->opened[news->opened_count++] = room;
	keep_made(reload_of(bridge), made);
	begin(reload_of(bridge), bridge, news);
	return NULL;
}

static bool is_mounted(const struct bridge *bridge, const struct room_entry *room)
{
	for (size_t l = 0; l < bridge->listener_count; l++)
		for (size_t m = 0; m < bridge->listeners[l].mount_count; m++)
			if (bridge->listeners[l].mounts[m].room == room)
				return true;
	return false;
}

char *reload_remove_room(struct bridge *bridge, const char *name)
{
	struct room_entry *room = room_table_find(bridge->rooms, slice_of(name));
	struct news *news;

	if (!room)
		return memory_text("there is none", strlen("there is none"));
	if (is_mounted(bridge, room))
		return memory_text("a mount names it", strlen("a mount names it"));
	news = replace_table(bridge, table_without(bridge, room));
	atomic_store(&room->removed, true);
	news->removed[news->removed_count++] = room;
	sweep_add(&reload_of(bridge)->sweep, news->removed, news->removed_count);
	begin(reload_of(bridge), bridge, news);
	return NULL;
}

char *reload_change_room(struct bridge *bridge, struct conf *made)
{
	const struct conf_room *conf = &made->rooms[0];
	struct room_entry *room = room_table_find(bridge->rooms, slice_of(conf->name));
	struct news_change *change;
	struct news *news;

	if (!room) {
		conf_free(made);
		return memory_text("there is none", strlen("there is none"));
	}
	news = replace_table(bridge, table_without(bridge, NULL));
	change = &news->changed[news->changed_count++];
	change->room = room;
	change->lists = rooms_rules(&bridge->limits, conf, &change->rules);
	/* More may come in. */
	news->opened[news->opened_count++] = room;
	room->conf = conf;
	if (bridge->store)
		bridge->store->retain(bridge->store, room);
	keep_made(reload_of(bridge), made);
	begin(reload_of(bridge), bridge, news);
	return NULL;
}

/* ---- answers ---- */

bool reload_sweeps(const struct bridge *bridge)
{
	return bridge->reload && bridge->reload->sweep.removed_count > 0;
}

void reload_sweep(struct bridge *bridge)
{
	if (reload_sweeps(bridge) && bridge->reload->untaken == 0)
		sweep_begin(&bridge->reload->sweep, bridge);
}

static void rename_rooms(struct reload *reload)
{
	for (size_t i = 0; i < reload->renaming_count; i++)
		room_entry_name(reload->renamings[i].room, reload->renamings[i].names);
	free(reload->renamings);
	reload->renamings = NULL;
	reload->renaming_count = 0;
}

/* It was asked for while workers took what came before. */
static void reload_again(struct bridge *bridge)
{
	FILE *errors;

	if (!bridge->reload->again)
		return;
	bridge->reload->again = false;
	errors = log_stream();
	reload(bridge, bridge->reload->file, errors);
	fclose(errors);
}

static void taken(struct bridge *bridge)
{
	struct reload *before = bridge->reload;

	if (--before->untaken > 0)
		return;
	rename_rooms(before);
	news_release(before->news);
	before->news = NULL;
	if (!before->partial) {
		log_event(LOG_INFO, &(struct log_fields){ .event = "reloaded" }, "%s",
			  before->told);
		notify_ready("running");
		ended(bridge, true, summary(before));
	}
	reload_again(bridge);
	reload_sweep(bridge);
}

bool reload_post(struct bridge *bridge, const struct post *post)
{
	if (post->kind == POST_TAKEN)
		taken(bridge);
	else if (post->kind == POST_SWEPT)
		sweep_answered(&bridge->reload->sweep, bridge, (const struct post_swept *)post);
	return post->kind == POST_TAKEN || post->kind == POST_SWEPT;
}

void reload_end(struct bridge *bridge)
{
	struct reload *reload = bridge->reload;

	if (!reload)
		return;
	rename_rooms(reload);
	news_release(reload->news);
	free(reload->sweep.removed);
	free(reload->restart_text);
	conf_free(reload->conf);
	made_free(reload);
	free(reload);
	bridge->reload = NULL;
}
