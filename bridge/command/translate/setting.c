#include "bridge/command/translate/setting.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/known.h"
#include "bridge/setup.h"
#include "bridge/upstream/state.h"
#include "codecs/calls.h"
#include "codecs/registry.h"
#include "codecs/text/json_write.h"
#include "codecs/text/memory.h"
#include "conf/load.h"
#include "conf/table/shape.h"

#define FIRST_NUMBER 100 /* that a client claims, where it claims one */

/* ---- the configuration ---- */

static struct conf *conf_of(const char *file, FILE *errors)
{
	struct conf_printer printer;

	conf_printer_init(&printer, errors);
	return file ? conf_load(file, known_names(), &printer.report)
		    : conf_parse("", known_names(), &printer.report);
}

/* Nothing is stored, nobody refused, and nothing too fast. */
static void loosen(struct conf *conf)
{
	conf->workers = 1;
	if (conf->state)
		*conf->state = '\0';
	conf->limits.messages_per_second = conf->limits.signals_per_second = 0;
	for (size_t i = 0; i < conf->room_count; i++)
		conf->rooms[i].open = true;
}

/* Some room of the server, where one has to be named: whichever it is, hearing.c takes all. */
static const char *remote_room(size_t dialect)
{
	const struct codec_calls *calls = registry_codec(dialect)->calls;
	const char *why;

	return !calls->room_allowed || calls->room_allowed(SLICE(""), &why)
		   ? ""
		   : "00000000-0000-4000-8000-000000000000";
}

/* A server joined to the room, as configured for a relay that only listens. */
static bool add_server(struct stage *stage, const char *room, size_t dialect, FILE *errors)
{
	static const char upstream[] =
	    "upstreams: ( { name = \"server\"; dialect = \"%s\";"
	    " url = \"http://127.0.0.1:1\"; direction = \"in\";"
	    " room = \"%s\"; user = \"reader\"; remote_room = \"%s\"; } );"
	    " rooms: ( { name = \"%s\"; } );"
	    " listeners: ( { address = \"127.0.0.1\"; port = 0;"
	    " mounts: ( { path = \"/a\"; dialect = \"%s\";"
	    " room = \"%s\"; } ); } );";
	const char *name = registry_codec(dialect)->name;
	struct conf *conf = stage->conf;
	struct conf_printer printer;
	char text[2048];

	snprintf(text, sizeof(text), upstream, name, room, remote_room(dialect), room, name, room);
	conf_printer_init(&printer, errors);
	stage->server.conf = conf_parse(text, known_names(), &printer.report);
	if (!stage->server.conf)
		return false;
	stage->server.replaced = conf->upstreams;
	stage->server.replaced_count = conf->upstream_count;
	stage->server.all = memory_zeroed(conf->upstream_count + 1, sizeof(*stage->server.all));
	if (conf->upstream_count)
		memcpy(stage->server.all, conf->upstreams,
		       conf->upstream_count * sizeof(*conf->upstreams));
	stage->server.all[conf->upstream_count] = stage->server.conf->upstreams[0];
	conf->upstreams = stage->server.all;
	conf->upstream_count++;
	return true;
}

/* Nobody is called, so no room waits for what a server says, nor is it to be told anything. */
static void cut_off(const struct bridge *bridge)
{
	for (size_t i = 0; i < room_table_count(bridge->rooms); i++) {
		room_table_at(bridge->rooms, i)->relays = 0;
		room_table_at(bridge->rooms, i)->fronted = false;
	}
}

static const char *room_of(const struct conf *conf, const char *room, FILE *errors)
{
	for (size_t i = 0; i < conf->room_count; i++)
		if (!room || strcmp(conf->rooms[i].name, room) == 0)
			return conf->rooms[i].name;
	fprintf(errors, "dragoman: there is no room '%s'\n", room ? shape_shown(room) : "");
	return NULL;
}

bool setting_make(struct stage *stage, const char *file, const char *room, size_t server,
		  FILE *errors)
{
	stage->conf = conf_of(file, errors);
	if (!stage->conf)
		return false;
	loosen(stage->conf);
	stage->accounts = stage->conf->account_count;
	stage->conf->account_count = 0;
	room = room_of(stage->conf, room, errors);
	if (!room || (server != SIZE_MAX && !add_server(stage, room, server, errors)))
		return false;
	stage->bridge = setup_stage(stage->conf, stage->now_ms, errors);
	if (!stage->bridge)
		return false;
	cut_off(stage->bridge);
	stage->room = room_table_find(stage->bridge->rooms, slice_of(room));
	if (server != SIZE_MAX)
		stage->server.upstream =
		    stage->bridge->upstreams->all[stage->conf->upstream_count - 1];
	return true;
}

void setting_free(struct stage *stage)
{
	setup_free(stage->bridge);
	if (!stage->conf)
		return;
	stage->conf->account_count = stage->accounts;
	if (stage->server.all) {
		stage->conf->upstreams = stage->server.replaced;
		stage->conf->upstream_count = stage->server.replaced_count;
	}
	free(stage->server.all);
	conf_free(stage->server.conf);
	conf_free(stage->conf);
}

/* ---- coming in ---- */

static const struct mount *mount_find(const struct stage *stage, size_t dialect)
{
	for (size_t l = 0; l < stage->bridge->listener_count; l++)
		for (size_t m = 0; m < stage->bridge->listeners[l].mount_count; m++) {
			const struct mount *mount = &stage->bridge->listeners[l].mounts[m];

			if (mount->dialect == dialect && mount->room == stage->room)
				return mount;
		}
	return NULL;
}

void setting_mount(const struct stage *stage, size_t dialect, struct mount *mount)
{
	const struct codec *codec = registry_codec(dialect);
	const struct mount *like = mount_find(stage, dialect);

	*mount = (struct mount){ .path = like            ? like->path
					 : codec->mounts ? codec->mounts[0]
							 : "/",
				 .dialect = dialect,
				 .codec = codec,
				 .room = stage->room,
				 .strict = like && like->strict,
				 .guests = true,
				 .upstream = SIZE_MAX };
}

/* text with one word in it replaced; NULL stays NULL. Returns new. */
static char *replaced(const char *text, const char *word, const char *with)
{
	const char *at = text && word ? strstr(text, word) : NULL;
	char *out;

	if (!at)
		return text ? memory_text(text, strlen(text)) : NULL;
	if (asprintf(&out, "%.*s%s%s", (int)(at - text), text, with, at + strlen(word)) < 0)
		abort();
	return out;
}

/* "Basic " and the base64 of NAME:PASSWORD, of "NAME:PASSWORD@". Takes user. Returns new. */
static char *basic_of(char *user)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = user ? strcspn(user, "@") : 0, at = strlen("Basic ");
	char *out = user ? memory_zeroed(len * 2 + 16, 1) : NULL;

	if (!user)
		return NULL;
	memcpy(out, "Basic ", at);
	for (size_t i = 0; i < len; i += 3) {
		uint32_t bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (i + k < len ? (unsigned char)user[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			out[at++] = k <= len - i ? digits[bits >> (18 - 6 * k) & 63] : '=';
	}
	free(user);
	return out;
}

/* A name with whatever a query cannot have escaped. Returns new. */
static char *escaped(const char *name)
{
	char *out = memory_zeroed(3 * strlen(name) + 1, 1), *at = out;

	for (; *name; name++)
		if (strchr("%&=:+# ", *name) || (unsigned char)*name >= 0x80)
			at += sprintf(at, "%%%02X", (unsigned char)*name);
		else
			*at++ = *name;
	return out;
}

static char *frame_of(const struct stage_client *client)
{
	const struct codec *codec = registry_codec(client->dialect);
	struct slice id = room_view(client->stage->room, client->dialect)->room_id;
	char number[16], *room, *where, *frame;

	if (!codec->trial.logs_in)
		return NULL;
	snprintf(number, sizeof(number), "%u", FIRST_NUMBER + client->place);
	where = replaced(codec->trial.frame, codec->trial.number, number);
	room = memory_text(id.data ? id.data : "", id.len);
	frame = replaced(where, "@", room);
	free(where);
	free(room);
	return frame;
}

void setting_login(const struct stage_client *client, struct setting_login *login)
{
	const struct codec_trial *trial = &registry_codec(client->dialect)->trial;
	char *name = escaped(client->name);

	*login = (struct setting_login){
		.query = replaced(trial->query ? trial->query + 1 : NULL, trial->name, name),
		.authorization = basic_of(replaced(trial->user, trial->name, client->name)),
		.frame = frame_of(client)
	};
	login->handshake =
	    (struct codec_handshake){ .path = slice_of(client->mount.path),
				      .query = slice_of(login->query),
				      .authorization = slice_of(login->authorization) };
	free(name);
}

void setting_login_clear(struct setting_login *login)
{
	free(login->query);
	free(login->authorization);
	free(login->frame);
}
